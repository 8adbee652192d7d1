"""A zone: the tree of names under one apex."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from services.dns.reference import rdata as rd
from services.dns.reference.packed import Node, RRset, unpack
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import Type

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


class Nodes(Mapping[bytes, Node]):
    """Every name of a zone, lowered, with its record sets by type; `packed` has them as they are kept."""

    __slots__ = ("packed",)

    def __init__(self, packed: Mapping[bytes, bytes]) -> None:
        self.packed = packed

    def __getitem__(self, name: bytes) -> Node:
        return unpack(name, self.packed[name])

    def __contains__(self, name: object) -> bool:
        return name in self.packed

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.packed)

    def __len__(self) -> int:
        return len(self.packed)


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone, checked.

    Attributes:
        apex: its name, lowered.
        nodes: every name in it, empty non-terminals included.
        soa: the start of authority.
        cuts: names where it ends, by a delegation (NS below the apex), or is redirected (DNAME).
    """

    apex: bytes
    nodes: Nodes = field(repr=False)
    soa: RRset
    cuts: frozenset[bytes] = field(repr=False)

    @property
    def serial(self) -> int:
        """The serial number of the SOA."""
        return rd.soa_serial(self.soa.rdatas[0])

    @property
    def negative_soa(self) -> RRset:
        """The SOA as negative answers carry it: TTL is the lesser of its own and MINIMUM (RFC 2308 3)."""
        soa = self.soa
        return RRset(soa.owner, Type.SOA, min(soa.ttl, rd.soa_minimum(soa.rdatas[0])), soa.rdatas)
