"""Answers without ceremony: an ordinary query for data that stands in a zone under its own name.

Most queries are of this kind. They need no reading beyond two dictionary look-ups, since a packet whose
header, length, name, type and class are all as expected cannot be malformed. Everything else goes the long
way round, which gives the same answer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from services.dns.reference.edns import MINIMUM_PAYLOAD
from services.dns.reference.lookup import TARGETS, Zones
from services.dns.reference.names import ancestors
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import CLASS_IN, Type
from services.dns.reference.wire import AA, HEADER, QR
from services.dns.reference.zone import Node, RRset, Zone

_RECORD = struct.Struct("!HHHIH")
_TO_QUESTION = 0xC000 | HEADER.size
_IN = CLASS_IN.to_bytes(2)
# The headers of queries that are answered here, and the first octets of their answers.
_HEADS = {
    flags.to_bytes(2) + b"\0\1\0\0\0\0\0\0": (flags | QR | AA).to_bytes(2) + b"\0\1"
    for flags in (0x0000, 0x0100)
}

Packed = tuple[bytes, bytes]
"""The numbers of records in an answer, and the records."""


class DirectAnswers:
    """Every name of the zones that is answered from its own node.

    Args:
        zones: what is served; make another object when it changes.
        except_for: lowered names that, with all below them, are answered in another way.
    """

    def __init__(self, zones: Zones, except_for: Iterable[bytes]) -> None:
        excluded = set(except_for)
        self._nodes: dict[bytes, Node] = {}
        self._packed: dict[bytes, Packed] = {}
        for zone in sorted(zones.values(), key=lambda zone: len(zone.apex)):
            self._nodes.update(_plain(zone, excluded | (zones.keys() - {zone.apex})))

    def get(self, data: bytes) -> bytes | None:
        """Return the answer to the query `data`, or None when it must go the long way."""
        head = _HEADS.get(data[2:12])
        if head is None or data[-2:] != _IN:
            return None
        lowered, rrtype = data[12:-4].lower(), data[-4:-2]
        packed = self._packed.get(lowered + rrtype) or self._pack(lowered, rrtype)
        if packed is None:
            return None
        counts, records = packed
        if len(data) + len(records) > MINIMUM_PAYLOAD:
            return None
        return b"".join((data[:2], head, counts, data[12:], records))

    def _pack(self, lowered: bytes, rrtype: bytes) -> Packed | None:
        """Write the records of a set once; what is kept of them is no more than the zones hold."""
        node = self._nodes.get(lowered)
        rrset = node.get(int.from_bytes(rrtype)) if node else None
        if rrset is None or rrset.rrtype in TARGETS or rrset.rdatas[0].names:
            return None  # addresses would belong to it, or names that want compression
        records = [_record(rrset, rdata) for rdata in rrset.rdatas]
        packed = len(records).to_bytes(2) + bytes(4), b"".join(records)
        self._packed[lowered + rrtype] = packed
        return packed


def _plain(zone: Zone, elsewhere: set[bytes]) -> Mapping[bytes, Node]:
    """Return the nodes that are neither cut off, nor redirected, nor another's."""
    stops = elsewhere | {
        name
        for name, node in zone.nodes.items()
        if Type.DNAME in node or (Type.NS in node and name != zone.apex)
    }
    if not any(stop.endswith(zone.apex) for stop in stops):
        return zone.nodes
    return {name: node for name, node in zone.nodes.items() if stops.isdisjoint(ancestors(name))}


def _record(rrset: RRset, rdata: Rdata) -> bytes:
    wire = rdata.wire
    return _RECORD.pack(_TO_QUESTION, rrset.rrtype, CLASS_IN, rrset.ttl, len(wire)) + wire
