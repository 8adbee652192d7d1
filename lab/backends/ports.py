"""Finds out who holds a port that the yard is about to publish."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

import psutil

from lab.backends import pids
from lab.errors import LabError, PortTakenError
from lab.topology import Port, Service

_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def require_free(services: Iterable[Service]) -> None:
    """Raises PortTakenError naming the first taken port, its holder, and the variable that moves it."""
    for service in services:
        for name, port in service.ports.items():
            if port.host:
                _require_free(service, name, port, port.host)


def variable(service: str, port: str) -> str:
    """The variable of compose.yaml that says where the host publishes `port` of `service`."""
    words = [service] if port == "main" else [service, port]
    return f"WIREYARD_{'_'.join(words)}_PORT".upper().replace("-", "_")


def _require_free(service: Service, name: str, port: Port, where: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in where[0] else socket.AF_INET
    with socket.socket(family, _KINDS[port.transport]) as probe:
        if port.transport == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
        except OSError as error:
            shown = f"{where[0]}:{where[1]}/{port.transport}"
            if error.errno != errno.EADDRINUSE:
                raise LabError(f"{service.name}: cannot listen on {shown}: {error.strerror}") from error
            holder = _holder(port.transport, where[1])
            raise PortTakenError(service.name, shown, holder, variable(service.name, name)) from error


def _holder(transport: str, number: int) -> str:
    for connection in psutil.net_connections(transport):
        local = connection.laddr
        if local and local.port == number and not connection.raddr and connection.pid:
            return f"{pids.name(connection.pid)} (process {connection.pid})"
    return "another program"
