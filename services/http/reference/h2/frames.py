"""Frames: layout rules as a table, and serialisers (RFC 9113 4 and 6).

A frame is a 9-octet header (24-bit length, type, flags, reserved bit, 31-bit stream identifier) and
a payload. `LAYOUTS` says for every known type where it may appear and how long it must be;
`check_layout` applies it. Serialisers return bytes ready for the wire.
"""

import enum
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .errors import ConnectionFault, ErrorCode, PeerFault, StreamFault

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client sends first (RFC 9113 3.4)."""

HEADER_LENGTH = 9
DEFAULT_FRAME_SIZE = 16_384
MAX_STREAM_ID = 2**31 - 1

HEADER = struct.Struct(">IBI")
"""A frame header read in one go: `length << 8 | type`, flags, reserved bit and stream identifier."""


class FrameType(enum.IntEnum):
    """Frame types: RFC 9113 6, ALTSVC (RFC 7838), ORIGIN (RFC 8336), PRIORITY_UPDATE (RFC 9218)."""

    DATA = 0x0
    HEADERS = 0x1
    PRIORITY = 0x2
    RST_STREAM = 0x3
    SETTINGS = 0x4
    PUSH_PROMISE = 0x5
    PING = 0x6
    GOAWAY = 0x7
    WINDOW_UPDATE = 0x8
    CONTINUATION = 0x9
    ALTSVC = 0xA
    ORIGIN = 0xC
    PRIORITY_UPDATE = 0x10


END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITY = 0x20

FLAG_NAMES: dict[FrameType, dict[int, str]] = {
    FrameType.DATA: {END_STREAM: "END_STREAM", PADDED: "PADDED"},
    FrameType.HEADERS: {
        END_STREAM: "END_STREAM",
        END_HEADERS: "END_HEADERS",
        PADDED: "PADDED",
        PRIORITY: "PRIORITY",
    },
    FrameType.SETTINGS: {ACK: "ACK"},
    FrameType.PUSH_PROMISE: {END_HEADERS: "END_HEADERS", PADDED: "PADDED"},
    FrameType.PING: {ACK: "ACK"},
    FrameType.CONTINUATION: {END_HEADERS: "END_HEADERS"},
}


class Place(enum.Enum):
    """Where a frame type may appear."""

    STREAM = "a stream"
    SESSION = "stream 0"
    EITHER = "stream 0 or a stream"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a frame type belongs and how many octets its payload may have."""

    place: Place
    clause: str
    least: int = 0
    most: int | None = None
    multiple: int = 1
    costs_only_the_stream: bool = False

    def fits(self, length: int) -> bool:
        """Whether a payload of `length` octets has the right size for the type."""
        return (
            length >= self.least
            and (self.most is None or length <= self.most)
            and length % self.multiple == 0
        )


LAYOUTS: dict[int, Layout] = {
    FrameType.DATA: Layout(Place.STREAM, "RFC 9113 6.1"),
    FrameType.HEADERS: Layout(Place.STREAM, "RFC 9113 6.2"),
    FrameType.PRIORITY: Layout(Place.STREAM, "RFC 9113 6.3", 5, 5, costs_only_the_stream=True),
    FrameType.RST_STREAM: Layout(Place.STREAM, "RFC 9113 6.4", 4, 4),
    FrameType.SETTINGS: Layout(Place.SESSION, "RFC 9113 6.5", multiple=6),
    FrameType.PUSH_PROMISE: Layout(Place.STREAM, "RFC 9113 6.6", 4),
    FrameType.PING: Layout(Place.SESSION, "RFC 9113 6.7", 8, 8),
    FrameType.GOAWAY: Layout(Place.SESSION, "RFC 9113 6.8", 8),
    FrameType.WINDOW_UPDATE: Layout(Place.EITHER, "RFC 9113 6.9", 4, 4),
    FrameType.CONTINUATION: Layout(Place.STREAM, "RFC 9113 6.10"),
    FrameType.PRIORITY_UPDATE: Layout(Place.SESSION, "RFC 9218 7.1", 4),
}
"""Types absent here (ALTSVC and ORIGIN from a client, unknown ones) are ignored (RFC 9113 5.5)."""


def check_layout(kind: int, length: int, stream_id: int) -> None:
    """Hold a frame header against `LAYOUTS`.

    Raises ConnectionFault PROTOCOL_ERROR for a wrong place, and FRAME_SIZE_ERROR for a wrong length:
    a ConnectionFault, except where the frame type's own clause makes it a StreamFault.
    """
    layout = LAYOUTS[kind]
    if layout.place is not Place.EITHER and (stream_id == 0) != (layout.place is Place.SESSION):
        name = FrameType(kind).name
        reason = f"{name} belongs on {layout.place.value}"
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, reason, layout.clause)
    if not layout.fits(length):
        raise _size_fault(kind, length, stream_id, layout)


def _size_fault(kind: int, length: int, stream_id: int, layout: Layout) -> PeerFault:
    reason = f"{FrameType(kind).name} of {length} octets"
    if layout.costs_only_the_stream:
        return StreamFault(stream_id, ErrorCode.FRAME_SIZE_ERROR, reason, layout.clause)
    return ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, reason, layout.clause)


def unpad(payload: bytes, clause: str) -> bytes:
    """A padded payload without its pad length octet and padding (RFC 9113 6.1).

    Raises ConnectionFault PROTOCOL_ERROR when the padding is as long as the payload or longer, and
    FRAME_SIZE_ERROR when there is no room for the pad length.
    """
    if not payload:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "PADDED without a pad length", clause)
    padding = payload[0]
    if padding >= len(payload):
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "more padding than payload", clause)
    return payload[1 : len(payload) - padding]


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """One frame as bytes."""
    return HEADER.pack(len(payload) << 8 | kind, flags, stream_id) + payload


def _continued(kind: int, flags: int, stream_id: int, payload: bytes, size: int) -> Iterator[bytes]:
    """A field block in one frame, or with CONTINUATION frames of at most `size` octets (RFC 9113 6.10)."""
    for start in range(0, max(len(payload), 1), size):
        last = start + size >= len(payload)
        part_flags = (flags if start == 0 else 0) | (END_HEADERS if last else 0)
        yield frame(
            kind if start == 0 else FrameType.CONTINUATION,
            part_flags,
            stream_id,
            payload[start : start + size],
        )


def headers(stream_id: int, block: bytes, end_stream: bool, size: int = DEFAULT_FRAME_SIZE) -> bytes:
    """HEADERS, followed by CONTINUATION when the block is longer than `size` (RFC 9113 6.2)."""
    return b"".join(_continued(FrameType.HEADERS, END_STREAM if end_stream else 0, stream_id, block, size))


def push_promise(stream_id: int, promised_id: int, block: bytes, size: int = DEFAULT_FRAME_SIZE) -> bytes:
    """PUSH_PROMISE on `stream_id` that reserves `promised_id` (RFC 9113 6.6)."""
    payload = promised_id.to_bytes(4, "big") + block
    return b"".join(_continued(FrameType.PUSH_PROMISE, 0, stream_id, payload, size))


def rst_stream(stream_id: int, code: int) -> bytes:
    """RST_STREAM (RFC 9113 6.4)."""
    return frame(FrameType.RST_STREAM, 0, stream_id, code.to_bytes(4, "big"))


def settings(values: Iterable[tuple[int, int]]) -> bytes:
    """SETTINGS with (identifier, value) pairs (RFC 9113 6.5)."""
    payload = b"".join(struct.pack(">HI", identifier, value) for identifier, value in values)
    return frame(FrameType.SETTINGS, 0, 0, payload)


SETTINGS_ACK = frame(FrameType.SETTINGS, ACK, 0)


def ping(data: bytes, ack: bool = False) -> bytes:
    """PING with eight octets of opaque data (RFC 9113 6.7)."""
    return frame(FrameType.PING, ACK if ack else 0, 0, data)


def goaway(last_stream_id: int, code: int, debug: bytes = b"") -> bytes:
    """GOAWAY (RFC 9113 6.8)."""
    return frame(FrameType.GOAWAY, 0, 0, struct.pack(">II", last_stream_id, code) + debug)


def window_update(stream_id: int, increment: int) -> bytes:
    """WINDOW_UPDATE (RFC 9113 6.9)."""
    return frame(FrameType.WINDOW_UPDATE, 0, stream_id, increment.to_bytes(4, "big"))


def altsvc(stream_id: int, origin: bytes, value: bytes) -> bytes:
    """ALTSVC: with an origin on stream 0, without one on a request's stream (RFC 7838 4)."""
    return frame(FrameType.ALTSVC, 0, stream_id, len(origin).to_bytes(2, "big") + origin + value)


def origin(origins: Iterable[bytes]) -> bytes:
    """ORIGIN with the origins that this session speaks for (RFC 8336 2)."""
    payload = b"".join(len(entry).to_bytes(2, "big") + entry for entry in origins)
    return frame(FrameType.ORIGIN, 0, 0, payload)
