"""Writing answers: sections with name compression (RFC 1035 4.1.4), and truncation at whole record sets."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from services.dns.reference.names import ROOT
from services.dns.reference.packed import RRset
from services.dns.reference.wire import HEADER, TC

_FIXED = struct.Struct("!HHIH")
_POINTER = struct.Struct("!H")
_MAX_OFFSET = 0x3FFF
MAX_MESSAGE = 0xFFFF


class Writer:
    """One message under construction. Sections are added in order; the header is written last.

    Args:
        question: the question section as it is to be echoed, octet for octet.
        qname: its name in wire form, or empty without a question.
        limit: largest message in octets.
        reserved: octets to keep free for an OPT record.
    """

    def __init__(self, question: bytes, qname: bytes, limit: int, reserved: int = 0) -> None:
        self._out = bytearray(HEADER.size) + question
        self._limit = min(limit, MAX_MESSAGE) - reserved
        self._offsets: dict[bytes, int] = {}
        self._questions = 1 if question else 0
        self._counts = [0, 0, 0]
        self._truncated = False
        if qname:
            self._remember(qname.lower(), HEADER.size)

    @property
    def size(self) -> int:
        """Octets written so far, without OPT."""
        return len(self._out)

    def section(self, number: int, rrsets: Sequence[RRset], *, required: bool = True) -> None:
        """Add record sets to section 0 (answer), 1 (authority) or 2 (additional).

        A set that does not fit is left out whole, with all that follows; TC is set if it was required
        (RFC 2181 9).
        """
        for rrset in rrsets:
            if self._truncated:
                return
            mark = len(self._out)
            for rdata in rrset.rdatas:
                self._record(rrset, rdata.head, rdata.names, rdata.tail)
                if len(self._out) > self._limit:
                    break
            if len(self._out) > self._limit:
                self._roll_back(mark)
                self._truncated = required
                return
            self._counts[number] += len(rrset.rdatas)

    def finish(self, message_id: int, flags: int, opt: bytes = b"") -> bytes:
        """Return the message with `opt`, already in wire form, as its last record."""
        flags |= TC if self._truncated else 0
        answers, authorities, additionals = self._counts
        HEADER.pack_into(
            self._out, 0, message_id, flags, self._questions, answers, authorities, additionals + bool(opt)
        )
        return bytes(self._out + opt)

    def _record(self, rrset: RRset, head: bytes, names: tuple[bytes, ...], tail: bytes) -> None:
        out = self._out
        self._name(rrset.owner)
        out += _FIXED.pack(rrset.rrtype, 1, rrset.ttl, 0)
        start = len(out)
        out += head
        for name in names:
            self._name(name)
        out += tail
        _POINTER.pack_into(out, start - 2, len(out) - start)

    def _name(self, name: bytes) -> None:
        """Write a name, its longest known ending as a pointer."""
        lowered = name.lower()
        position = 0
        while length := name[position]:
            offset = self._offsets.get(lowered[position:])
            if offset is not None:
                self._out += _POINTER.pack(0xC000 | offset)
                return
            if len(self._out) <= _MAX_OFFSET:
                self._offsets[lowered[position:]] = len(self._out)
            self._out += name[position : position + 1 + length]
            position += 1 + length
        self._out += ROOT

    def _remember(self, lowered: bytes, offset: int) -> None:
        position = 0
        while length := lowered[position]:
            self._offsets[lowered[position:]] = offset + position
            position += 1 + length

    def _roll_back(self, mark: int) -> None:
        del self._out[mark:]
        self._offsets = {name: offset for name, offset in self._offsets.items() if offset < mark}
