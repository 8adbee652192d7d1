"""Forwarding without the network: what is asked upstream, which answer is believed, what is given back.

A query is sent on under a random ID with an option that carries this server's mark, beside the marks of those
that sent it on before; one that comes in with this server's mark has gone round in a circle and is refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from services.dns.reference.edns import pack_opt
from services.dns.reference.errors import MessageError
from services.dns.reference.exchange import Request
from services.dns.reference.rrtypes import Opcode, Rcode, Type
from services.dns.reference.wire import AA, AD, CD, HEADER, QR, RA, RD, TC, Head, Query, skip_name

MARK = 65_001  # an option for local use (RFC 6891 9)
MOST_MARKS = 8  # servers that send one query on to one another
LONGEST, LONGEST_NEGATIVE = 86_400, 3_600  # seconds that an answer is kept; RFC 2308 5
_FIXED = struct.Struct("!HHIH")
_CODES = (Rcode.NOERROR, Rcode.NXDOMAIN)
_SETTLED = (*_CODES, Rcode.YXDOMAIN)


@dataclass(frozen=True, slots=True)
class Believed:
    """An answer from upstream that was read to its end.

    Attributes:
        wire: the message up to its OPT record, if it had one.
        counts: records in its answer, authority and additional sections.
        ttls: offsets of the TTL fields in `wire`.
        lifetime: seconds for which it may be kept; 0 for not at all.
        truncated: whether it must be asked for again over TCP.
    """

    wire: bytes
    counts: tuple[int, int, int]
    ttls: tuple[int, ...]
    lifetime: int
    truncated: bool

    @property
    def settles(self) -> bool:
        """Whether it says what there is, so that another server need not be asked."""
        return self.wire[3] & 0xF in _SETTLED


def has_come_round(query: Query, mark: bytes) -> bool:
    """Tell whether this server has sent the query on before, or too many others have."""
    marks = _marks(query)
    return mark in marks or len(marks) >= MOST_MARKS


def _marks(query: Query) -> list[bytes]:
    options = query.edns.options if query.edns is not None else ()
    return [data for code, data in options if code == MARK]


def upstream_query(query: Query, message_id: int, mark: bytes) -> bytes:
    """Return the query to send on; its question keeps the asker's mixed case (0x20)."""
    dnssec_ok = query.edns is not None and query.edns.dnssec_ok
    header = HEADER.pack(message_id, RD | query.head.flags & CD, 1, 0, 0, 1)
    marks = [(MARK, known) for known in (*_marks(query), mark)]
    return header + query.question + pack_opt(0, dnssec_ok, marks)


def believe(query: Query, message_id: int, wire: bytes) -> Believed | None:
    """Return an answer if it is one to this query; None for what may be forged or is none (RFC 5452 9.1).

    Raises:
        MessageError: it answers the query but cannot be read.
    """
    if len(wire) < HEADER.size:
        return None
    head = Head(*HEADER.unpack_from(wire))
    end = HEADER.size + len(query.question)
    if head.id != message_id or not head.flags & QR or head.opcode != Opcode.QUERY:
        return None
    if head.questions != 1 or wire[HEADER.size : end] != query.question:
        return None
    return _read(wire, head, end)


def _read(wire: bytes, head: Head, position: int) -> Believed:
    ttls: list[int] = []
    lifetimes: list[int] = []
    cut, kept = len(wire), head.additionals
    fixed = head.answers + head.authorities
    for index in range(fixed + head.additionals):
        start = position
        position = skip_name(wire, position)
        if position + _FIXED.size > len(wire):
            raise MessageError(Rcode.SERVFAIL, "a record runs past the upstream's answer")
        rrtype, _, ttl, length = _FIXED.unpack_from(wire, position)
        if rrtype == Type.OPT:
            cut, kept = start, index - fixed
            break
        ttls.append(position + 4)
        if index < fixed:
            authority = index >= head.answers
            lifetimes.append(_lifetime(wire, (rrtype, ttl), position + _FIXED.size + length, authority))
        position += _FIXED.size + length
        if position > len(wire):
            raise MessageError(Rcode.SERVFAIL, "record data runs past the upstream's answer")
    keep = head.flags & 0xF in _CODES and not head.flags & TC and lifetimes
    lifetime = min([LONGEST if head.answers else LONGEST_NEGATIVE, *lifetimes]) if keep else 0
    counts = (head.answers, head.authorities, kept)
    return Believed(wire[:cut], counts, tuple(ttls), lifetime, bool(head.flags & TC))


def _lifetime(wire: bytes, record: tuple[int, int], end: int, authority: bool) -> int:
    """Return how long one record lets the answer live; the SOA of what is not there by MINIMUM too."""
    rrtype, ttl = record
    if rrtype == Type.SOA and authority and end <= len(wire):
        return min(ttl, int.from_bytes(wire[end - 4 : end]))
    return ttl if ttl < 2**31 else 0  # RFC 2181 8


def give_back(request: Request, believed: Believed, age: int, limit: int) -> bytes:
    """Return the answer for one asker: its ID and question, TTLs less `age` seconds, no larger than `limit`.

    RA is set; AA and AD are not, since nothing here was vouched for.
    """
    query = request.query
    opt = pack_opt(0, query.edns.dnssec_ok, []) if query.edns else b""
    flags = int.from_bytes(believed.wire[2:4]) & ~(AA | AD | RD | TC) | RA | query.head.flags & RD
    if len(believed.wire) + len(opt) > limit:
        body = HEADER.pack(query.head.id, flags | TC, 1, 0, 0, bool(opt)) + query.question
        return body + opt
    out = bytearray(believed.wire)
    answers, authorities, additionals = believed.counts
    HEADER.pack_into(out, 0, query.head.id, flags, 1, answers, authorities, additionals + bool(opt))
    out[HEADER.size : HEADER.size + len(query.question)] = query.question
    for offset in believed.ttls:
        ttl = max(0, int.from_bytes(out[offset : offset + 4]) - age)
        out[offset : offset + 4] = ttl.to_bytes(4)
    return bytes(out) + opt


def key_of(query: Query) -> bytes:
    """Return what queries with the same answer have in common."""
    dnssec_ok = query.edns is not None and query.edns.dnssec_ok
    return query.qname.lower() + query.question[-4:] + bytes((dnssec_ok, bool(query.head.flags & CD)))
