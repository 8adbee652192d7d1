"""From what tcpdump writes (pcap) to pcapng with the TLS secrets inside, in one pass and bounded.

pcap: draft-ietf-opsawg-pcap 4, 5. pcapng: draft-ietf-opsawg-pcapng 4.1 (Section Header), 4.2 (Interface
Description), 4.3 (Enhanced Packet), 4.7 (Decryption Secrets). No library that is kept writes the last one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SECTION, INTERFACE, PACKET, SECRETS = 0x0A0D0D0A, 1, 6, 10
TLS_KEY_LOG = 0x544C534B
_BYTE_ORDER = 0x1A2B3C4D
_UNKNOWN_LENGTH = -1
_COMMENT, _LONGEST_COMMENT = 1, 4096
_HEADER = 24
_RECORD = struct.Struct("<IIII")
_MAGIC = {b"\xd4\xc3\xb2\xa1": 1, b"\x4d\x3c\xb2\xa1": 1000}
"""Little-endian pcap -> units of its fraction of a second in a microsecond."""


class NotACapture(ValueError):  # noqa: N818 - named for what the bytes are not
    """The bytes are no little-endian pcap file."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One packet: microseconds since 1970, the bytes kept, and how long it was on the wire."""

    time: int
    data: bytes
    length: int


def frames(capture: bytes) -> Iterator[Frame]:
    """The whole frames of a pcap file; one that was cut off at the end is left out. Raises NotACapture."""
    divisor = _MAGIC.get(capture[:4])
    if divisor is None or len(capture) < _HEADER:
        raise NotACapture("not a pcap file")
    at = _HEADER
    while at + _RECORD.size <= len(capture):
        seconds, fraction, kept, length = _RECORD.unpack_from(capture, at)
        at += _RECORD.size
        if at + kept > len(capture):
            return
        yield Frame(seconds * 1_000_000 + fraction // divisor, capture[at : at + kept], length)
        at += kept


class Reader:
    """A pcap file as it grows: whole records, one after the other."""

    def __init__(self) -> None:
        self.head = b""
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The records, header and packet each, that are whole now. Raises NotACapture."""
        data, at = self._rest + piece, 0
        if not self.head and len(data) >= _HEADER:
            self.head, at = data[:_HEADER], _HEADER
            if self.head[:4] not in _MAGIC:
                raise NotACapture("not a pcap file")
        while self.head and at + _RECORD.size <= len(data):
            end = at + _RECORD.size + _RECORD.unpack_from(data, at)[2]
            if end > len(data):
                break
            yield data[at:end]
            at = end
        self._rest = data[at:]


def convert(capture: bytes, secrets: bytes = b"", comment: str = "") -> bytes:
    """The pcapng file of a pcap file, with `secrets` (a key log) before the packets. Raises NotACapture.

    `comment` is what Wireshark shows as the file's.
    """
    packets = b"".join(_packet(frame) for frame in frames(capture))
    (snapshot, link) = struct.unpack_from("<II", capture, 16)
    head = _block(SECTION, struct.pack("<IHHq", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH) + _said(comment))
    head += _block(INTERFACE, struct.pack("<HHI", link & 0xFFFF, 0, snapshot))
    if secrets:
        head += _block(SECRETS, struct.pack("<II", TLS_KEY_LOG, len(secrets)) + _padded(secrets))
    return head + packets


def _packet(frame: Frame) -> bytes:
    high, low = divmod(frame.time, 1 << 32)
    fields = struct.pack("<IIIII", 0, high, low, len(frame.data), frame.length)
    return _block(PACKET, fields + _padded(frame.data))


def _said(comment: str) -> bytes:
    """A block's options: one comment, and their end (draft-ietf-opsawg-pcapng 3.5)."""
    text = comment.encode()[:_LONGEST_COMMENT]
    return struct.pack("<HH", _COMMENT, len(text)) + _padded(text) + bytes(4) if text else b""


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
