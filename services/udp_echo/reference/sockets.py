"""The sockets of the UDP echo service: buffers, multicast groups, and what the kernel says about them."""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.kit.errors import BindError, SettingsError

# linux/in.h and linux/in6.h; Python has no names for them. Zero: only groups that this very socket joined.
_MULTICAST_ALL = {socket.AF_INET: (socket.IPPROTO_IP, 49), socket.AF_INET6: (socket.IPPROTO_IPV6, 29)}


def tune(sock: socket.socket, receive: int, send: int) -> None:
    """Sets the kernel's buffers, in bytes (0 leaves them), and keeps others' multicast out of `sock`."""
    if receive:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    if send:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send)
    sock.setsockopt(*_MULTICAST_ALL[sock.family], 0)


def join(group: str, unicast: Sequence[socket.socket], port: int) -> socket.socket | None:
    """Joins `ADDRESS` or `ADDRESS%INTERFACE`, by default on the interface where the service listens.

    A socket that listens on every address receives the group's datagrams too (None is given); beside one
    that listens on its own address stands another, bound to the group. Raises SettingsError for what is no
    multicast address or has no unicast socket of its family, BindError when the kernel refuses.
    """
    address, interface = _group(group)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    outlet = next((sock for sock in unicast if sock.family == family), None)
    if outlet is None:
        raise SettingsError(
            "WIREYARD_GROUPS", f"{group}: the service does not listen on IPv{address.version}"
        )
    try:
        index = socket.if_nametoindex(interface) if interface else 0
        membership = _membership(address.packed, index, outlet)
        if ipaddress.ip_address(outlet.getsockname()[0]).is_unspecified:
            return outlet.setsockopt(*membership)
        return _bound(str(address), port, index, membership)
    except OSError as error:
        raise BindError(group, port, error.strerror or str(error)) from error


def _bound(address: str, port: int, index: int, membership: tuple[int, int, bytes]) -> socket.socket:
    inlet = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        inlet.setblocking(False)
        inlet.bind((address, port, 0, index) if ":" in address else (address, port))
        inlet.setsockopt(*membership)
    except OSError:
        inlet.close()
        raise
    return inlet


def _group(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, str]:
    bare, _, interface = text.partition("%")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError as error:
        raise SettingsError("WIREYARD_GROUPS", str(error)) from error
    if not address.is_multicast:
        raise SettingsError("WIREYARD_GROUPS", f"{text} is not a multicast address")
    return address, interface


def _membership(group: bytes, index: int, outlet: socket.socket) -> tuple[int, int, bytes]:
    """What setsockopt needs: struct ip_mreqn (RFC 3678 in the kernel's form), or ipv6_mreq (RFC 3493 5.2)."""
    if len(group) == 16:
        return socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("@I", index)
    local = socket.inet_aton(outlet.getsockname()[0])
    return socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + local + struct.pack("@i", index)


def report(sock: socket.socket) -> dict[str, object]:
    """What the kernel holds for `sock`: buffer sizes (it doubles what was asked), datagrams lost."""
    return {
        "receiveBufferSize": sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
        "sendBufferSize": sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF),
        "dropped": lost(sock),
    }


def lost(sock: socket.socket) -> int:
    """How many datagrams the kernel let go because the receive buffer of `sock` was full."""
    table = Path("/proc/net/udp6" if sock.family == socket.AF_INET6 else "/proc/net/udp")
    inode = str(_inode(sock))
    return next((int(row[-1]) for row in _rows(table) if row[9] == inode), 0)


def _inode(sock: socket.socket) -> int:
    """The number under which /proc knows `sock`."""
    return Path(f"/proc/self/fd/{sock.fileno()}").stat().st_ino


def _rows(table: Path) -> Iterator[list[str]]:
    try:
        text = table.read_text(encoding="ascii")
    except OSError:
        return
    yield from (line.split() for line in text.splitlines()[1:])
