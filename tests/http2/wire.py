"""HTTP/2 octets made and read by hand, so that nothing is shared with any implementation.

Fields are written as literals without indexing and without Huffman coding (RFC 7541 6.2.2), unless a case
needs something else. Layouts are those of RFC 9113 4.1 and 6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE = range(6)
PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(6, 10)
ALTSVC, ORIGIN, PRIORITY_UPDATE = 0xA, 0xC, 0x10

END_STREAM = ACK = 0x1
END_HEADERS, PADDED, HAS_PRIORITY = 0x4, 0x8, 0x20

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT = range(5)
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR = range(5, 10)
CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED = range(10, 14)

CODES = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
]

Field = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it was read."""

    kind: int
    flags: int
    stream: int
    payload: bytes

    @property
    def code(self) -> int:
        """The error code of RST_STREAM or GOAWAY."""
        return int.from_bytes(self.payload[4:8] if self.kind == GOAWAY else self.payload[:4], "big")

    @property
    def last_stream(self) -> int:
        """The last stream that GOAWAY names."""
        return int.from_bytes(self.payload[:4], "big") & 0x7FFF_FFFF


def frame(
    kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"", length: int | None = None
) -> bytes:
    """A frame; `length` lies about the payload's when given."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def frames(data: bytes) -> Iterator[Frame]:
    """The whole frames in `data`."""
    while len(data) >= 9:
        length = int.from_bytes(data[:3], "big")
        if len(data) < 9 + length:
            return
        kind, flags, stream = struct.unpack(">BBI", data[3:9])
        yield Frame(kind, flags, stream & 0x7FFF_FFFF, data[9 : 9 + length])
        data = data[9 + length :]


def integer(value: int, bits: int, first: int = 0) -> bytes:
    """An HPACK integer in a prefix of `bits`, the other bits of the octet from `first` (RFC 7541 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    octets, value = [first | most], value - most
    while value >= 128:
        octets.append(value & 127 | 128)
        value >>= 7
    return bytes([*octets, value])


def literal(name: bytes, value: bytes, first: int = 0) -> bytes:
    """A literal field with a literal name; `first` 0x40 adds it to the table, 0x10 never indexes it."""
    return bytes([first]) + integer(len(name), 7) + name + integer(len(value), 7) + value


def block(fields: Iterable[Field]) -> bytes:
    """A field block that leaves the dynamic table alone."""
    return b"".join(literal(name, value) for name, value in fields)


GET: tuple[Field, ...] = (
    (b":method", b"GET"),
    (b":scheme", b"http"),
    (b":authority", b"h2c.wireyard.test"),
    (b":path", b"/todos?name=lisi"),
)
POST: tuple[Field, ...] = ((b":method", b"POST"), *GET[1:3], (b":path", b"/echo"))


def changed(fields: Iterable[Field], **pseudo: bytes | None) -> tuple[Field, ...]:
    """`fields` with pseudo-fields replaced, or left out for None."""
    wanted = {b":" + name.encode(): value for name, value in pseudo.items()}
    kept = ((name, wanted.get(name, value)) for name, value in fields)
    return tuple((name, value) for name, value in kept if value is not None)


def headers(stream: int, fields: Iterable[Field] = GET, flags: int = END_HEADERS | END_STREAM) -> bytes:
    """HEADERS with a whole block."""
    return frame(HEADERS, flags, stream, block(fields))


def request(stream: int, *extra: Field, fields: Iterable[Field] = GET) -> bytes:
    """A whole request without content."""
    return headers(stream, (*fields, *extra))


def opened(stream: int, *extra: Field, fields: Iterable[Field] = POST) -> bytes:
    """The head of a request whose content follows."""
    return headers(stream, (*fields, *extra), END_HEADERS)


def data(stream: int, payload: bytes = b"", flags: int = END_STREAM) -> bytes:
    """DATA."""
    return frame(DATA, flags, stream, payload)


def settings(*pairs: tuple[int, int], flags: int = 0) -> bytes:
    """SETTINGS."""
    return frame(SETTINGS, flags, 0, b"".join(struct.pack(">HI", *pair) for pair in pairs))


SETTINGS_ACK = settings(flags=ACK)


def ping(payload: bytes = b"conclude", flags: int = 0) -> bytes:
    """PING."""
    return frame(PING, flags, 0, payload)


def reset(stream: int, code: int = CANCEL) -> bytes:
    """RST_STREAM."""
    return frame(RST_STREAM, 0, stream, code.to_bytes(4, "big"))


def window(stream: int, increment: int) -> bytes:
    """WINDOW_UPDATE."""
    return frame(WINDOW_UPDATE, 0, stream, increment.to_bytes(4, "big"))


def priority(stream: int, depends_on: int = 0, weight: int = 15) -> bytes:
    """PRIORITY; `weight` as on the wire, one less than what it means."""
    return frame(PRIORITY, 0, stream, depends_on.to_bytes(4, "big") + bytes([weight]))


def goaway(last: int = 0, code: int = NO_ERROR, debug: bytes = b"") -> bytes:
    """GOAWAY."""
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code) + debug)
