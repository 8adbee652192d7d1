"""A copy of the project with a yard of its own, worked by the commands that a person types.

On containers the yard stands beside any other, and needs an engine, the yard's images (`make images`), and
WIREYARD_CONTAINERS to be set.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.neighbour import variables
from lab.patience import SECOND
from lab.topology import PROJECT

_SERVICE = """
  {name}:
    command: [python3, -m, services.{module}.reference]
    environment: {{WIREYARD_ROLE: {name}, WIREYARD_ADDRESS: "*"}}
    ports: ["127.0.0.1:${{{variable}}}:7/{transport}", "127.0.0.1:${{{control}}}:9"]
    labels:
      wireyard.role: {name}
      wireyard.implementation: reference
      wireyard.authority: {name}.wireyard.test
      wireyard.ports.main: 7/{transport}
      wireyard.ports.control: 9/tcp
"""
ECHOES = "name: echoes\nservices:" + "".join(
    _SERVICE.format(
        name=name,
        module=name.replace("-", "_"),
        transport=name[:3],
        variable=f"WIREYARD_{name[:3].upper()}_ECHO_PORT",
        control=f"WIREYARD_{name[:3].upper()}_ECHO_CONTROL_PORT",
    )
    for name in ("tcp-echo", "udp-echo")
)
"""A yard of two services, as compose.yaml."""


@dataclass(frozen=True, slots=True)
class Site:
    """The folder, and the environment in which its commands run."""

    folder: Path
    environ: Mapping[str, str]

    def port(self, variable: str) -> int:
        """A port that the yard publishes on the host, by its variable."""
        return int(self.environ[variable])

    def lab(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """One command, as the Makefile runs it."""
        return subprocess.run(
            [sys.executable, "-m", "lab", *words],
            cwd=self.folder,
            env={**self.environ, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def swap(self, wish: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A swap that is not judged by the suite."""
        return self.lab("swap", "--no-judge", wish, **more)

    def remembered(self) -> str:
        """What `.env` says."""
        file = self.folder / ".env"
        return file.read_text() if file.exists() else ""

    def override(self, body: str, service: str = "tcp-echo") -> str:
        """A file that changes `service`, as a wish."""
        (self.folder / "mine.yaml").write_text(f"services:\n  {service}:\n{body}\n")
        return "tcp-echo=./mine.yaml"


def _copied(folder: Path) -> Path:
    """The project's files, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    return folder


def _environ(**more: str) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("WIREYARD_", "COMPOSE_"))
    }
    return {**inherited, "WIREYARD_PATIENCE": str(SECOND), **more}


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [taken.getsockname()[1] for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports


def site_on(backend: str, folder: Path, number: int) -> Site:
    """The project in `folder`; without containers on free ports, with them as the neighbour `number`."""
    beside = variables(number)
    if backend == "compose":
        _require_containers()
        beside["WIREYARD_TAG"] = os.environ.get("WIREYARD_TAG", "dev")
    else:
        names = [name for name in beside if name.endswith("_PORT")]
        beside |= {name: str(port) for name, port in zip(names, free_ports(len(names)), strict=True)}
    return Site(_copied(folder), _environ(BACKEND=backend, **beside))


def _require_containers() -> None:
    if not os.environ.get("WIREYARD_CONTAINERS"):
        pytest.skip("a whole yard of containers is brought up only where WIREYARD_CONTAINERS is set")
    image = ["docker", "image", "inspect", f"wireyard/client:{os.environ.get('WIREYARD_TAG', 'dev')}"]
    if shutil.which("docker") is None or subprocess.run(image, capture_output=True, check=False).returncode:
        pytest.skip("no engine answers, or it has no images of the yard; `make images` builds them")
