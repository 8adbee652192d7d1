"""Answers made on the spot rather than looked up: their own records, or no data."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from services.dns.reference.lookup import Answer, Zones, find_zone
from services.dns.reference.packed import RRset
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import Type

CurrentZones = Callable[[], Zones]


def address_set(owner: bytes, addresses: Iterable[str], ttl: int) -> RRset:
    """Return the A or AAAA record set of addresses of one family."""
    packed = [ipaddress.ip_address(address).packed for address in addresses]
    rrtype = Type.A if len(packed[0]) == 4 else Type.AAAA
    return RRset(owner, rrtype, ttl, tuple(Rdata(octets) for octets in packed))


def text_set(owner: bytes, texts: Iterable[str], ttl: int) -> RRset:
    """Return one TXT record of several strings, each cut at 255 octets."""
    strings = [text.encode()[:255] for text in texts]
    return RRset(owner, Type.TXT, ttl, (Rdata(b"".join(bytes((len(s),)) + s for s in strings)),))


def alias_set(owner: bytes, target: bytes, ttl: int) -> RRset:
    """Return a CNAME record."""
    return RRset(owner, Type.CNAME, ttl, (Rdata(b"", (target,)),))


def answer_of(zones: Zones, qname: bytes, qtype: int, sets: Iterable[RRset]) -> Answer:
    """Return the sets of the type asked for, or no data with the SOA of the zone (RFC 2308 2.2)."""
    chosen = [rrset for rrset in sets if qtype in (rrset.rrtype, Type.ANY)]
    if chosen:
        return Answer(answer=chosen, keep=False)
    zone = find_zone(zones, qname.lower())
    return Answer(authority=[zone.negative_soa] if zone else [], keep=False)
