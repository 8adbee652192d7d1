"""The target of a CONNECT: authority-form, `host:port`, read strictly (RFC 9112 3.2.3, RFC 3986 3.2). No I/O.

Whatever an address can be spelled like, only the canonical spellings are taken for one: dotted decimal, and
RFC 4291 text in brackets. What `inet_aton` would take for an address (decimal, octal, hexadecimal, short)
is never passed on as a name, so that no resolver can turn it into one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from services.proxy.reference.errors import Malformed

Address = IPv4Address | IPv6Address

_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]@]*\]|[^:\[\]@/?#]*)(?::(?P<port>[^:]*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
# WHATWG URL, "ends in a number": such a host is meant as an IPv4 address, however it is written.
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a tunnel is to lead: an address, or a name in lower case without the trailing dot."""

    host: str | Address
    port: int
    text: str = field(init=False, compare=False)
    """HOST:PORT, put together once: the journal is told it at every step."""

    def __post_init__(self) -> None:
        host = f"[{self.host}]" if isinstance(self.host, IPv6Address) else self.host
        object.__setattr__(self, "text", f"{host}:{self.port}")

    def __str__(self) -> str:
        return self.text


@lru_cache(1024)
def parse_target(authority: str) -> Target:
    """`authority` as a Target. Raises Malformed for anything but HOST:PORT, the port from 1 to 65535.

    Clients ask for the same targets again and again, hence the cache.
    """
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise Malformed("the target of CONNECT is HOST:PORT and nothing else")
    return Target(_host(found["host"]), _port(found["port"]))


def _port(text: str | None) -> int:
    """RFC 9110 9.3.6: an empty or invalid port is answered 400."""
    if not text:
        raise Malformed("the target of CONNECT needs a port")
    if not _PORT.fullmatch(text) or int(text) > 65_535:
        raise Malformed(f"the port {text[:16]!r} is not a number from 1 to 65535")
    return int(text)


def _host(text: str) -> str | Address:
    if text.startswith("["):
        return _ipv6(text[1:-1])
    name = text.removesuffix(".").lower()
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(text)
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Malformed("the host is neither a name nor an address")
    return name


def _ipv4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise Malformed("an IPv4 address is four decimal numbers with dots between") from None


def _ipv6(text: str) -> IPv6Address:
    """RFC 3986 3.2.2. A zone (RFC 6874) means something on one machine only, and never to a proxy."""
    try:
        address = IPv6Address(text)
    except ValueError:
        raise Malformed("the text in brackets is not an IPv6 address") from None
    if address.scope_id is not None:
        raise Malformed("an IPv6 address with a zone cannot be dialled through a proxy")
    return address
