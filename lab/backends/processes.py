"""Turns the services of a topology into plain processes: the same commands, told of the host's addresses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.backends import addresses
from lab.errors import TopologyError
from lab.state import StateDirectory
from lab.topology import Service, Topology, View

MARK = "WIREYARD_SUPERVISED_IN"
"""In the environment of every supervised process, and of nobody else: its yard's state folder."""

# Variables of this kind choose addresses, ports and files; every process of the yard reads the same ones.
_INHERITED = ("COMPOSE_", "WIREYARD_")
# System programs that Debian keeps out of a user's path (nginx, squid, knotd …).
_SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Process:
    """One service as a program: its words, and all of its environment that is not inherited."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def processes(topology: Topology, state: StateDirectory, environ: Mapping[str, str]) -> Mapping[str, Process]:
    """Every service that stays, as a process. Raises TopologyError for one without a command."""
    inherited = {k: v for k, v in environ.items() if k.startswith(_INHERITED)}
    rewrite = _Rewriter(topology, state)
    return {
        service.name: Process(service.name, _command(service), inherited | rewrite.environment(service))
        for service in staying(topology)
    }


def listening(topology: Topology) -> tuple[Service, ...]:
    """The services that have a port, and can be asked whether they are there."""
    return tuple(service for service in topology.services.values() if "main" in service.ports)


def staying(topology: Topology) -> tuple[Service, ...]:
    """The same and those that work in the background: everything but one-shot jobs and the client."""
    asked = listening(topology)
    return asked + tuple(s for s in topology.services.values() if "wireyard.background" in s.labels)


def search_path(environ: Mapping[str, str]) -> str:
    """Where the embedded yard looks for programs: this Python's own folder first."""
    return os.pathsep.join((str(Path(sys.executable).parent), environ.get("PATH", os.defpath), _SYSTEM_PATH))


def _command(service: Service) -> tuple[str, ...]:
    if not service.command:
        raise TopologyError("topology", service.name, "command", "the embedded backend needs one")
    program, *words = service.command
    return (sys.executable if program == "python3" else program, *words)


class _Rewriter:
    """Says in the host's terms what compose.yaml says in the network's."""

    def __init__(self, topology: Topology, state: StateDirectory) -> None:
        self._topology, self._state = topology, state

    def environment(self, service: Service) -> dict[str, str]:
        known = {k: v for k, v in service.environment.items() if not _is_port(k)}
        rewritten: dict[str, Callable[[], str]] = {
            "WIREYARD_VIEW": lambda: View.HOST.value,
            "WIREYARD_ADDRESS": lambda: ",".join(_addresses(service)),
            "WIREYARD_CERTS": lambda: str(self._state.certs / service.name),
            "WIREYARD_CA": lambda: str(self._state.ca),
            "WIREYARD_STORE": lambda: str(self._state.certs),
            "WIREYARD_RESULTS": lambda: str(self._state.shown),
            "WIREYARD_UNIX": lambda: str(self._state.root / "echo.sock"),
            "WIREYARD_RESOLVER": self._resolver,
            "WIREYARD_ALLOW": lambda: ",".join(self._endpoints()),
        }
        known |= {name: value() for name, value in rewritten.items() if name in known}
        return known | self._ports(service) | {MARK: str(self._state.root)}

    def _ports(self, service: Service) -> dict[str, str]:
        published = {name: port.host[1] for name, port in service.ports.items() if port.host}
        return {port_variable(name): str(number) for name, number in published.items()}

    def _resolver(self) -> str:
        where = self._topology.endpoint("dns", View.HOST)
        return f"{where.address}:{where.port}"

    def _endpoints(self) -> Iterator[str]:
        for service in listening(self._topology):
            for name, port in service.ports.items():
                if port.host and name != "control":
                    yield f"{port.host[0]}:{port.host[1]}"


def _addresses(service: Service) -> Iterator[str]:
    yield service.endpoint(View.HOST).address
    if (ipv6 := service.labels.get("wireyard.embedded.ipv6")) and addresses.exists(ipv6):
        yield ipv6


def port_variable(name: str) -> str:
    """The variable that tells a process its port called `name`."""
    return "WIREYARD_PORT" if name == "main" else f"WIREYARD_{name.upper().replace('-', '_')}_PORT"


def _is_port(variable: str) -> bool:
    return variable.startswith("WIREYARD_") and variable.endswith("PORT")
