"""A zone: the tree of names under one apex, and what makes it fit to be served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.dns.reference import rdata as rd
from services.dns.reference.errors import ZoneError
from services.dns.reference.names import ancestors, is_within, to_text
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import Type, type_to_text

WILDCARD = b"\x01*"


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        where: `file:line` where it was written, for messages to people.
        text: its data as it was written, kept for records that were set at run time.
    """

    owner: bytes
    ttl: int
    rrtype: int
    rdata: Rdata
    where: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RRset:
    """The records of one owner and type (RFC 2181 5); `ttl` in seconds is the same for all."""

    owner: bytes
    rrtype: int
    ttl: int
    rdatas: tuple[Rdata, ...]


Node = Mapping[int, RRset]


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone, checked.

    Attributes:
        apex: its name, lowered.
        nodes: every name in it, lowered, empty non-terminals included, with its record sets by type.
    """

    apex: bytes
    nodes: Mapping[bytes, Node] = field(repr=False)

    @property
    def soa(self) -> RRset:
        """The start of authority."""
        return self.nodes[self.apex][Type.SOA]

    @property
    def serial(self) -> int:
        """The serial number of the SOA."""
        return rd.soa_serial(self.soa.rdatas[0])

    @property
    def negative_soa(self) -> RRset:
        """The SOA as negative answers carry it: TTL is the lesser of its own and MINIMUM (RFC 2308 3)."""
        soa = self.soa
        return RRset(soa.owner, Type.SOA, min(soa.ttl, rd.soa_minimum(soa.rdatas[0])), soa.rdatas)


def build(apex: bytes, records: Iterable[Record]) -> Zone:
    """Return the zone of these records.

    Raises:
        ZoneError: a record outside the zone; not exactly one SOA and at least one NS at the apex; a
            CNAME beside other data (RFC 1034 3.6.2) or twice; data below a DNAME (RFC 6672 2.4); an
            in-zone NS target without an address.
    """
    apex = apex.lower()
    collected: dict[bytes, dict[int, list[Record]]] = {}
    for record in records:
        owner = record.owner.lower()
        if not is_within(owner, apex):
            raise ZoneError(record.where, f"{to_text(record.owner)} is not within {to_text(apex)}")
        collected.setdefault(owner, {}).setdefault(record.rrtype, []).append(record)
    nodes: dict[bytes, Node] = {
        owner: {rrtype: _rrset(group) for rrtype, group in types.items()}
        for owner, types in collected.items()
    }
    _check_apex(apex, nodes)
    for owner, types in collected.items():
        _check_node(owner, apex, types)
    _fill_empty_non_terminals(apex, nodes)
    zone = Zone(apex, nodes)
    _check_below(zone, collected)
    return zone


def with_serial(zone: Zone, serial: int) -> Zone:
    """Return the same zone under another serial number."""
    soa = zone.soa
    (old,) = soa.rdatas
    new = RRset(
        soa.owner, Type.SOA, soa.ttl, (Rdata(old.head, old.names, serial.to_bytes(4) + old.tail[4:]),)
    )
    return Zone(zone.apex, {**zone.nodes, zone.apex: {**zone.nodes[zone.apex], Type.SOA: new}})


def _rrset(group: list[Record]) -> RRset:
    """Join records; differing TTLs become the least (RFC 2181 5.2), and doubles vanish (RFC 2181 5)."""
    if len(group) == 1:
        return RRset(group[0].owner, group[0].rrtype, group[0].ttl, (group[0].rdata,))
    unique = tuple({record.rdata.wire.lower(): record.rdata for record in group}.values())
    if group[0].rrtype not in (Type.A, Type.AAAA, Type.NS, Type.PTR, Type.MX, Type.SOA):
        unique = tuple({record.rdata.wire: record.rdata for record in group}.values())
    return RRset(group[0].owner, group[0].rrtype, min(record.ttl for record in group), unique)


def _check_apex(apex: bytes, nodes: Mapping[bytes, Node]) -> None:
    top = nodes.get(apex, {})
    if Type.SOA not in top or len(top[Type.SOA].rdatas) != 1:
        raise ZoneError(to_text(apex), "the apex needs exactly one SOA record (RFC 1035 5.2)")
    if Type.NS not in top:
        raise ZoneError(to_text(apex), "the apex needs an NS record (RFC 1034 4.2.1)")


def _check_node(owner: bytes, apex: bytes, types: Mapping[int, list[Record]]) -> None:
    if Type.SOA in types and owner != apex:
        raise ZoneError(types[Type.SOA][0].where, f"{to_text(owner)} has an SOA but is not the apex")
    for single in (Type.CNAME, Type.DNAME):
        if single in types and len({record.rdata.wire.lower() for record in types[single]}) > 1:
            raise ZoneError(
                types[single][1].where,
                f"{to_text(owner)} has two {type_to_text(single)} records (RFC 2181 10.1)",
            )
    others = set(types) - {Type.CNAME, Type.RRSIG, Type.NSEC}
    if Type.CNAME in types and others:
        where = max((records[-1].where for records in types.values()), key=_line)
        raise ZoneError(
            where, f"{to_text(owner)} has a CNAME beside {type_to_text(min(others))} (RFC 1034 3.6.2)"
        )


def _line(where: str) -> int:
    digits = where.rpartition(":")[2]
    return int(digits) if digits.isdecimal() else 0


def _fill_empty_non_terminals(apex: bytes, nodes: dict[bytes, Node]) -> None:
    for owner in list(nodes):
        for name in ancestors(owner):
            if name == apex:
                break
            nodes.setdefault(name, {})


def _check_below(zone: Zone, collected: Mapping[bytes, Mapping[int, list[Record]]]) -> None:
    for owner, types in collected.items():
        for name in ancestors(owner):
            if name == zone.apex:
                break
            if name != owner and Type.DNAME in zone.nodes[name]:
                where = next(iter(types.values()))[0].where
                raise ZoneError(where, f"{to_text(owner)} stands below a DNAME (RFC 6672 2.4)")
        for record in types.get(Type.NS, ()):
            _check_glue(zone, owner, record)


def _check_glue(zone: Zone, owner: bytes, record: Record) -> None:
    """A name server that stands within the zone it serves cannot be found without its address."""
    target = record.rdata.target.lower()
    node = zone.nodes.get(target, {})
    if is_within(target, owner) and not (Type.A in node or Type.AAAA in node):
        raise ZoneError(record.where, f"the name server {to_text(target)} needs an address (RFC 1035 4.2.1)")
