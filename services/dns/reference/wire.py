"""Reading queries, strictly: every count, length and pointer is checked before it is believed.

A query is read whole, in one pass that visits each octet at most a bounded number of times. What
breaks a rule raises MessageError with the RCODE that it earns; what deserves no answer at all (no
header, or a response) gives None, so that two servers can never answer each other for ever.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from services.dns.reference.edns import Edns, parse_options
from services.dns.reference.errors import MessageError
from services.dns.reference.names import MAX_NAME, ROOT
from services.dns.reference.rrtypes import CLASS_IN, Opcode, Rcode, Type

HEADER = struct.Struct("!HHHHHH")
_FIXED = struct.Struct("!HHIH")  # type, class, TTL, rdata length
QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a query (RFC 1035 4.1.1)."""

    id: int
    flags: int
    questions: int
    answers: int
    authorities: int
    additionals: int

    @property
    def opcode(self) -> int:
        """Kind of query."""
        return self.flags >> 11 & 0xF


@dataclass(frozen=True, slots=True)
class Query:
    """A well-formed query with one question.

    Attributes:
        head: its header.
        qname: the name asked for in wire form, with the case that the asker used.
        qtype: type asked for.
        qclass: class asked for.
        edns: what the OPT record says, or None without one.
        question_end: offset just behind the question.
        wire: the whole message.
    """

    head: Head
    qname: bytes
    qtype: int
    qclass: int
    edns: Edns | None
    question_end: int
    wire: bytes

    @property
    def question(self) -> bytes:
        """The question section, octet for octet."""
        return self.wire[HEADER.size : self.question_end]


def parse_head(data: bytes) -> Head | None:
    """Return the header, or None for what must not be answered: under 12 octets, or a response."""
    if len(data) < HEADER.size:
        return None
    head = Head(*HEADER.unpack_from(data))
    return None if head.flags & QR else head


def parse_query(data: bytes, head: Head) -> Query:
    """Return the one question and the EDNS part of a query whose header is `head`.

    Raises:
        MessageError: NOTIMP for other opcodes; FORMERR for counts that no query has (RFC 9619), names
            that break RFC 1035 3.1 or 4.1.4, records that overrun the packet, a second or misplaced OPT
            (RFC 6891 6.1.1), or octets behind the last record.
    """
    if head.opcode != Opcode.QUERY:
        raise MessageError(Rcode.NOTIMP, f"opcode {head.opcode} is not implemented")
    if head.questions != 1 or head.answers:
        if not (head.questions == 0 and not head.answers and head.additionals):
            raise MessageError(Rcode.FORMERR, "a query has one question and no answer (RFC 9619 4)")
        qname, qtype, qclass, position = b"", 0, 0, HEADER.size
    else:
        qname, position = read_question_name(data)
        qtype, qclass = _question_fixed(data, position)
        position += 4
    question_end = position
    edns, position = _records(data, head, position)
    if position != len(data):
        raise MessageError(Rcode.FORMERR, f"{len(data) - position} octets behind the last record")
    return Query(head, qname, qtype, qclass, edns, question_end, data)


def read_question_name(data: bytes) -> tuple[bytes, int]:
    """Return the name of the first question and the offset behind it.

    No name stands before it, so a compression pointer there can point only at the header (RFC 1035
    4.1.4) and is refused.

    Raises:
        MessageError: FORMERR.
    """
    position, limit = HEADER.size, len(data)
    while position < limit and (length := data[position]):
        if length > 63:
            raise MessageError(Rcode.FORMERR, "a pointer or unknown label type in the question")
        position += 1 + length
    end = position + 1
    if end > limit:
        raise MessageError(Rcode.FORMERR, "the question runs past the packet")
    if end - HEADER.size > MAX_NAME:
        raise MessageError(Rcode.FORMERR, f"the name is longer than {MAX_NAME} octets (RFC 1035 3.1)")
    return data[HEADER.size : end], end


def _question_fixed(data: bytes, position: int) -> tuple[int, int]:
    if position + 4 > len(data):
        raise MessageError(Rcode.FORMERR, "the question runs past the packet")
    return int.from_bytes(data[position : position + 2]), int.from_bytes(data[position + 2 : position + 4])


def skip_name(data: bytes, position: int) -> int:
    """Return the offset behind a name that may be compressed; each pointer must lead backwards.

    Raises:
        MessageError: FORMERR for a pointer forward or in a circle, an unknown label type, a name over
            255 octets, or one that runs past the packet.
    """
    end = -1
    barrier = position
    size = 1
    try:
        while length := data[position]:
            if length < 64:
                size += 1 + length
                position += 1 + length
            elif length < 192:
                raise MessageError(Rcode.FORMERR, "an unknown label type (RFC 6891 5)")
            else:
                target = (length & 0x3F) << 8 | data[position + 1]
                end = position + 2 if end < 0 else end
                if not HEADER.size <= target < barrier:
                    raise MessageError(
                        Rcode.FORMERR, "a compression pointer that leads nowhere (RFC 1035 4.1.4)"
                    )
                position = barrier = target
            if size > MAX_NAME:
                raise MessageError(Rcode.FORMERR, "a name longer than 255 octets")
    except IndexError:
        raise MessageError(Rcode.FORMERR, "a name runs past the packet") from None
    return position + 1 if end < 0 else end


def _records(data: bytes, head: Head, position: int) -> tuple[Edns | None, int]:
    """Walk the authority and additional records; return the OPT among them and the offset behind."""
    edns: Edns | None = None
    total = head.answers + head.authorities + head.additionals
    for index in range(total):
        start = position
        position = skip_name(data, position)
        if position + _FIXED.size > len(data):
            raise MessageError(Rcode.FORMERR, "a record runs past the packet")
        rrtype, rrclass, ttl, length = _FIXED.unpack_from(data, position)
        position += _FIXED.size + length
        if position > len(data):
            raise MessageError(Rcode.FORMERR, "record data runs past the packet")
        if rrtype == Type.OPT:
            if edns is not None or data[start : start + 1] != ROOT or index < total - head.additionals:
                raise MessageError(Rcode.FORMERR, "a second or misplaced OPT record (RFC 6891 6.1.1)")
            edns = parse_options(rrclass, ttl, data[position - length : position])
    return edns, position


def is_internet(query: Query) -> bool:
    """Tell whether a query is of class IN."""
    return query.qclass == CLASS_IN
