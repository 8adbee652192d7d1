"""What the machine says of itself: which addresses are its own, and where its gateways are."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from services.proxy.reference.special import Address

_IPV4_ROUTES = Path("/proc/net/route")
_IPV6_ROUTES = Path("/proc/net/ipv6_route")


def is_own(address: Address) -> bool:
    """Whether a dial to `address` would end on this machine: only then can a socket be bound to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def gateways(ipv4: Path = _IPV4_ROUTES, ipv6: Path = _IPV6_ROUTES) -> Iterator[Address]:
    """Every gateway in the routing tables of both families (proc(5))."""
    for row in _rows(ipv4)[1:]:
        if row[2].strip("0"):
            # The kernel prints the number as this machine holds it.
            yield IPv4Address(struct.pack("=I", int(row[2], 16)))
    for row in _rows(ipv6):
        if row[4].strip("0"):
            yield IPv6Address(bytes.fromhex(row[4]))


def _rows(table: Path) -> list[list[str]]:
    try:
        return [line.split() for line in table.read_text(encoding="ascii").splitlines()]
    except OSError:
        return []
