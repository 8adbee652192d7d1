"""Names as the operating system sees them: /etc/hosts, `localhost`, its own resolver. Not DNS as such.

These two are what Node's `dns.lookup` and `dns.lookupService` do; comparing them with a Resolver shows
what comes from files and what from a name server.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

from clients.dns.errors import NotFoundError

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


@dataclass(frozen=True, slots=True)
class LookupAddress:
    """An address and its family, 4 or 6."""

    address: str
    family: int


@dataclass(frozen=True, slots=True)
class LookupService:
    """The name of an address and of a port."""

    hostname: str
    service: str


async def lookup(name: str, family: int = 0) -> list[LookupAddress]:
    """Return every address that getaddrinfo gives for a name, in its order.

    Args:
        name: a name or an address.
        family: 4, 6, or 0 for both.

    Raises:
        NotFoundError: the system knows no such name.
        ValueError: another family.
    """
    if family not in _FAMILIES:
        raise ValueError(f"family {family} is none of 0, 4, 6")
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(name, None, family=_FAMILIES[family], type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NotFoundError(name, str(error.strerror)) from error
    return list(
        dict.fromkeys(LookupAddress(str(a[4][0]), 6 if a[0] == socket.AF_INET6 else 4) for a in found)
    )


async def lookup_service(address: str, port: int) -> LookupService:
    """Return the names that getnameinfo gives for an address and a TCP port.

    Raises:
        NotFoundError: the address has no name.
    """
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    except OSError as error:
        raise ValueError(f"{address!r} is no IP address") from error
    loop = asyncio.get_running_loop()
    try:
        host, service = await loop.getnameinfo((address, port), socket.NI_NAMEREQD)
    except socket.gaierror as error:
        raise NotFoundError(address, str(error.strerror)) from error
    return LookupService(host, service)
