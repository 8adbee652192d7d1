"""Answers without ceremony: an ordinary query for data that stands in a zone under its own name.

Most queries are of this kind. They need no reading beyond two dictionary look-ups, since a packet whose
header, length, name, type and class are all as expected cannot be malformed; and a packed set of records is
nearly an answer as it stands. Everything else goes the long way round, which gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.dns.reference.edns import MINIMUM_PAYLOAD
from services.dns.reference.lookup import TARGETS, Zones
from services.dns.reference.names import ancestors
from services.dns.reference.packed import records_of
from services.dns.reference.rdata import NAMES
from services.dns.reference.rrtypes import CLASS_IN
from services.dns.reference.wire import AA, HEADER, QR
from services.dns.reference.zone import Zone

_TO_QUESTION = (0xC000 | HEADER.size).to_bytes(2)
_IN = CLASS_IN.to_bytes(2)
# The headers of queries that are answered here, and the first octets of their answers.
_HEADS = {
    flags.to_bytes(2) + b"\0\1\0\0\0\0\0\0": (flags | QR | AA).to_bytes(2) + b"\0\1"
    for flags in (0x0000, 0x0100)
}
# Types with which addresses would come along, or names that want compression.
_LONG_WAY = frozenset(rrtype.to_bytes(2) for rrtype in {*TARGETS, *NAMES})


class DirectAnswers:
    """Every name of the zones that is answered from its own node.

    Args:
        zones: what is served; make another object when it changes.
        except_for: lowered names that, with all below them, are answered in another way.
    """

    def __init__(self, zones: Zones, except_for: Iterable[bytes]) -> None:
        apart = {*except_for, *zones}
        large_first = sorted(zones.values(), key=lambda zone: -len(zone.nodes))
        self._places = [(zone.nodes.packed, _apart(zone, apart - {zone.apex})) for zone in large_first]

    def get(self, data: bytes) -> bytes | None:
        """Return the answer to the query `data`, or None when it must go the long way."""
        head, rrtype = _HEADS.get(data[2:12]), data[-4:-2]
        if head is None or data[-2:] != _IN or rrtype in _LONG_WAY:
            return None
        lowered = data[12:-4].lower()
        value = self._find(lowered)
        if not value:
            return None
        count, records = records_of(lowered, value, rrtype, _TO_QUESTION)
        if not records or len(data) + len(records) > MINIMUM_PAYLOAD:
            return None
        return b"".join((data[:2], head, count, b"\0\0\0\0", data[12:], records))

    def _find(self, lowered: bytes) -> bytes | None:
        for packed, apart in self._places:
            value = packed.get(lowered)
            if value and lowered not in apart:
                return value
        return None


def _apart(zone: Zone, elsewhere: set[bytes]) -> frozenset[bytes]:
    """Return the names of a zone that are cut off, or redirected, or another's."""
    stops = zone.cuts | {name for name in elsewhere if name.endswith(zone.apex)}
    if not stops:
        return frozenset()
    return frozenset(name for name in zone.nodes if not stops.isdisjoint(ancestors(name)))
