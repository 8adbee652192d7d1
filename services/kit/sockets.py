"""Listening sockets, bound before anything is served."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from pathlib import Path

from services.kit.errors import BindError

BACKLOG = 4096
_EVERY = (("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6))


def listen_tcp(addresses: Sequence[str], port: int, backlog: int = BACKLOG) -> list[socket.socket]:
    """One listening TCP socket an address. Raises BindError, leaving none open."""
    bound = _bind(addresses, port, socket.SOCK_STREAM)
    for sock in bound:
        sock.listen(backlog)
    return bound


def bind_udp(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """One bound UDP socket an address. Raises BindError, leaving none open."""
    return _bind(addresses, port, socket.SOCK_DGRAM)


def listen_unix(path: Path, backlog: int = BACKLOG) -> socket.socket:
    """A Unix socket that every user may connect to. Raises BindError, also when somebody listens there."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        sock.bind(str(path))
        path.chmod(0o666)
    except OSError as error:
        sock.close()
        raise BindError(str(path), None, error.strerror or str(error)) from error
    sock.setblocking(False)
    sock.listen(backlog)
    return sock


def _clear(path: Path) -> None:
    """Removes what a dead listener left behind; a living one keeps its place."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise OSError(errno.EADDRINUSE, "somebody listens there already")
    path.unlink()


def _bind(addresses: Sequence[str], port: int, kind: socket.SocketKind) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for address, family in _families(addresses):
            chosen = bound[0].getsockname()[1] if bound and port == 0 else port
            bound.append(_bind_one(address, chosen, family, kind))
    except BindError:
        for sock in bound:
            sock.close()
        raise
    return bound


def _families(addresses: Sequence[str]) -> list[tuple[str, socket.AddressFamily]]:
    chosen: list[tuple[str, socket.AddressFamily]] = []
    for address in addresses:
        if address == "*":
            chosen += [pair for pair in _EVERY if pair[1] == socket.AF_INET or _has_ipv6()]
        else:
            chosen.append((address, socket.AF_INET6 if ":" in address else socket.AF_INET))
    return chosen


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bind_one(
    address: str, port: int, family: socket.AddressFamily, kind: socket.SocketKind
) -> socket.socket:
    sock = socket.socket(family, kind)
    try:
        sock.setblocking(False)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
    except OSError as error:
        sock.close()
        raise BindError(address, port, error.strerror or str(error)) from error
    return sock
