"""Answers in the shapes that Node's `dns` module gives them, typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import dns.rdata
import dns.rdatatype


@dataclass(frozen=True, slots=True)
class Address:
    """An A or AAAA record; `ttl` in seconds."""

    address: str
    ttl: int
    type: str = "A"


@dataclass(frozen=True, slots=True)
class MX:
    """A mail exchange."""

    exchange: str
    priority: int
    type: str = "MX"


@dataclass(frozen=True, slots=True)
class SRV:
    """A service's place."""

    name: str
    port: int
    priority: int
    weight: int
    type: str = "SRV"


@dataclass(frozen=True, slots=True)
class SOA:
    """A start of authority; times in seconds."""

    nsname: str
    hostmaster: str
    serial: int
    refresh: int
    retry: int
    expire: int
    minttl: int
    type: str = "SOA"


@dataclass(frozen=True, slots=True)
class NAPTR:
    """A naming authority pointer."""

    flags: str
    service: str
    regexp: str
    replacement: str
    order: int
    preference: int
    type: str = "NAPTR"


@dataclass(frozen=True, slots=True)
class CAA:
    """Which authority may certify; `tag` is issue, issuewild, iodef or another property."""

    critical: int
    tag: str
    value: str
    type: str = "CAA"


@dataclass(frozen=True, slots=True)
class TXT:
    """The strings of one TXT record."""

    entries: tuple[str, ...]
    type: str = "TXT"


@dataclass(frozen=True, slots=True)
class Name:
    """A record that is one name: CNAME, NS or PTR."""

    value: str
    type: str


Record = Address | MX | SRV | SOA | NAPTR | CAA | TXT | Name


def host(name: Any) -> str:
    """Return a name as Node writes it, without the final dot."""
    return str(name.to_text(omit_final_dot=True))


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "backslashreplace")


def _named(rrtype: str) -> Callable[[Any, int], Record]:
    return lambda rdata, _ttl: Name(host(rdata.target), rrtype)


_SHAPES: Mapping[int, Callable[[Any, int], Record]] = {
    dns.rdatatype.A: lambda r, ttl: Address(r.address, ttl, "A"),
    dns.rdatatype.AAAA: lambda r, ttl: Address(r.address, ttl, "AAAA"),
    dns.rdatatype.MX: lambda r, _: MX(host(r.exchange), r.preference),
    dns.rdatatype.SRV: lambda r, _: SRV(host(r.target), r.port, r.priority, r.weight),
    dns.rdatatype.SOA: lambda r, _: SOA(
        host(r.mname), host(r.rname), r.serial, r.refresh, r.retry, r.expire, r.minimum
    ),
    dns.rdatatype.NAPTR: lambda r, _: NAPTR(
        _text(r.flags), _text(r.service), _text(r.regexp), host(r.replacement), r.order, r.preference
    ),
    dns.rdatatype.CAA: lambda r, _: CAA(r.flags, _text(r.tag), _text(r.value)),
    dns.rdatatype.TXT: lambda r, _: TXT(tuple(_text(entry) for entry in r.strings)),
    dns.rdatatype.CNAME: _named("CNAME"),
    dns.rdatatype.NS: _named("NS"),
    dns.rdatatype.PTR: _named("PTR"),
}


def shape(rdata: dns.rdata.Rdata, ttl: int) -> Record | None:
    """Return a record in Node's shape, or None for a type that Node has none for."""
    make = _SHAPES.get(rdata.rdtype)
    return None if make is None else make(rdata, ttl)
