"""For how long an answer of ours may be kept, as HTTP wants to know (RFC 8484 5.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from services.dns.reference.errors import MessageError
from services.dns.reference.rrtypes import Type
from services.dns.reference.wire import HEADER, Head, skip_name

_FIXED = struct.Struct("!HHIH")


def lifetime(wire: bytes) -> int:
    """Return the least TTL of the answer section; without answers that of the SOA, otherwise 0.

    `wire` must be an answer that this package wrote; what cannot be read to its end gives 0.
    """
    try:
        head = Head(*HEADER.unpack_from(wire))
        records = list(_ttls(wire, head))
    except (MessageError, struct.error):
        return 0
    if head.answers:
        return min(ttl for _, ttl in records[: head.answers])
    return next((ttl for rrtype, ttl in records if rrtype == Type.SOA), 0)


def _ttls(wire: bytes, head: Head) -> Iterator[tuple[int, int]]:
    position = HEADER.size
    for _ in range(head.questions):
        position = skip_name(wire, position) + 4
    for _ in range(head.answers + head.authorities):
        position = skip_name(wire, position)
        rrtype, _, ttl, length = _FIXED.unpack_from(wire, position)
        yield rrtype, ttl
        position += _FIXED.size + length
