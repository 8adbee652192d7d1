"""Packets built by hand, so that nothing stands between a test and the octets it means."""

from __future__ import annotations

import struct
from dataclasses import dataclass

ID = 0x7777
RD = 0x0100


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an answer (RFC 1035 4.1.1)."""

    id: int
    flags: int
    questions: int
    answers: int
    authorities: int
    additionals: int

    @property
    def rcode(self) -> int:
        """The four bits of the response code."""
        return self.flags & 0xF

    @property
    def opcode(self) -> int:
        """The kind of message."""
        return self.flags >> 11 & 0xF

    @property
    def is_response(self) -> bool:
        """The QR bit."""
        return bool(self.flags & 0x8000)


def header(message: bytes) -> Header:
    """Read the first twelve octets."""
    return Header(*struct.unpack_from("!6H", message))


def name(text: str) -> bytes:
    """Wire form of plain labels."""
    return b"".join(bytes((len(label),)) + label.encode() for label in text.split(".") if label) + b"\0"


def packet(
    body: bytes, counts: tuple[int, int, int, int] = (1, 0, 0, 0), flags: int = RD, message_id: int = ID
) -> bytes:
    """A message with this header and anything behind it."""
    return struct.pack("!6H", message_id, flags, *counts) + body


def question(text: str, rrtype: int = 1, rrclass: int = 1) -> bytes:
    """One entry of the question section."""
    return name(text) + struct.pack("!HH", rrtype, rrclass)


def query_octets(text: str, rrtype: int = 1, rrclass: int = 1) -> bytes:
    """An ordinary query."""
    return packet(question(text, rrtype, rrclass))


def opt(
    payload: int = 1232, version: int = 0, flags: int = 0, options: bytes = b"", owner: bytes = b"\0"
) -> bytes:
    """An OPT record (RFC 6891 6.1.2)."""
    return owner + struct.pack("!HHBBHH", 41, payload, 0, version, flags, len(options)) + options


def option(code: int, data: bytes) -> bytes:
    """One EDNS option."""
    return struct.pack("!HH", code, len(data)) + data
