"""A small yard for the page: three services and the console, on ports of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab import topology
from lab.probe import ProbeError, Target, probe
from lab.ready import FIRST_PAUSE
from lab.topology import PROJECT

HOST = "127.0.0.1"
PATIENCE = 20.0


@dataclass
class Pair:
    """The processes and where they listen."""

    ports: dict[str, int]
    results: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """The console's address."""
        return f"http://{HOST}:{self.ports['WIREYARD_CONSOLE_PORT']}/"

    @property
    def http1(self) -> str:
        """The HTTP/1.1 service's address."""
        return f"http://{HOST}:{self.ports['WIREYARD_HTTP1_PORT']}"

    def start(self, role: str) -> None:
        """Starts a service and waits until it answers."""
        self.processes[role] = subprocess.Popen(
            [sys.executable, "-m", _MODULES[role]], cwd=PROJECT, env=self._environment(role)
        )
        spoken, authority = ("http1", HOST) if role == "console" else (role, f"{role}.wireyard.test")
        _await(Target(spoken, HOST, self._port(role), authority))

    def kill(self, role: str) -> None:
        """SIGKILL."""
        process = self.processes.pop(role)
        process.kill()
        process.wait()

    def _environment(self, role: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WIREYARD_", "COMPOSE_"))
        }
        told = {name: str(port) for name, port in self.ports.items()}
        own = {
            "WIREYARD_ROLE": role,
            "WIREYARD_VIEW": "host",
            "WIREYARD_ADDRESS": HOST,
            "WIREYARD_PORT": str(self._port(role)),
            "WIREYARD_RESULTS": str(self.results),
        }
        control = {} if role == "console" else {"WIREYARD_CONTROL_PORT": str(self._port(role, "CONTROL_"))}
        return kept | told | own | control

    def _port(self, role: str, kind: str = "") -> int:
        return self.ports[f"WIREYARD_{role.upper().replace('-', '_')}_{kind}PORT"]


_MODULES = {
    "http1": "services.http.reference",
    "udp-echo": "services.udp_echo.reference",
    "dns": "services.dns.reference",
    "console": "services.console",
}


@contextmanager
def pair(results: Path) -> Iterator[Pair]:
    """All running; every other port of the yard is one where nobody listens. The console shows `results`."""
    yard = Pair(_free_ports(_variables()), results)
    try:
        for role in _MODULES:
            yard.start(role)
        yield yard
    finally:
        for role in list(yard.processes):
            yard.kill(role)


def _variables() -> list[str]:
    """The variable of every published port in compose.yaml."""
    text = Path(topology.PROJECT / "compose.yaml").read_text(encoding="utf-8")
    return sorted(
        {part.split(":-")[0] for part in text.split("${")[1:] if part.split(":-")[0].endswith("_PORT")}
    )


def _free_ports(variables: list[str]) -> dict[str, int]:
    with ExitStack() as stack:
        held = {name: stack.enter_context(socket.socket()) for name in variables}
        for sock in held.values():
            sock.bind((HOST, 0))
        return {name: sock.getsockname()[1] for name, sock in held.items()}


def _await(target: Target) -> None:
    """Asks again until `target` answers: nothing tells when a refused port starts to listen."""
    waiting, end = threading.Event(), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            probe(target)
        except ProbeError:
            waiting.wait(FIRST_PAUSE)
        else:
            return
    raise AssertionError(f"port {target.port} did not answer within {PATIENCE:.0f} s")
