"""Beginnings, frame sizes and layout: RFC 9113 3.4, 4 and 6."""

from __future__ import annotations

from tests.http2.cases.case import Case, session, stream
from tests.http2.outcome import Answered, Quiet, SessionEnds
from tests.http2.wire import (
    ACK,
    ALTSVC,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    GET,
    GOAWAY,
    HAS_PRIORITY,
    HEADERS,
    ORIGIN,
    PADDED,
    PING,
    PREFACE,
    PRIORITY,
    PRIORITY_UPDATE,
    PROTOCOL_ERROR,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    SETTINGS_ACK,
    WINDOW_UPDATE,
    block,
    data,
    frame,
    goaway,
    headers,
    opened,
    ping,
    request,
    reset,
    settings,
)

_PROTOCOL, _SIZE, _FLOW = session(PROTOCOL_ERROR), session(FRAME_SIZE_ERROR), session(FLOW_CONTROL_ERROR)
_NEED_STREAM = (DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, CONTINUATION)
_NAMES = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
)
_SECTIONS = {kind: f"6.{kind + 1}" for kind in range(10)}
_SIZES = {
    DATA: 0,
    HEADERS: 0,
    PRIORITY: 5,
    RST_STREAM: 4,
    PUSH_PROMISE: 4,
    CONTINUATION: 0,
    SETTINGS: 0,
    PING: 8,
    GOAWAY: 8,
}


PREFACES = (
    Case(
        "preface-garbage",
        ("9113", "3.4"),
        "Clients and servers MUST treat an invalid connection preface as a connection error",
        b"",
        SessionEnds((PROTOCOL_ERROR,), silently=True),
        beginning=b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + settings(),
    ),
    Case(
        "preface-without-settings",
        ("9113", "3.4"),
        "the preface is followed by a SETTINGS frame",
        b"",
        _PROTOCOL,
        beginning=PREFACE + request(1),
    ),
    Case(
        "preface-with-settings-ack",
        ("9113", "3.4"),
        "an ACK is not the SETTINGS frame of the preface",
        b"",
        _PROTOCOL,
        beginning=PREFACE + SETTINGS_ACK,
    ),
    Case(
        "preface-with-ping-first",
        ("9113", "3.4"),
        "the first frame is SETTINGS",
        b"",
        _PROTOCOL,
        beginning=PREFACE + ping(),
    ),
    Case(
        "preface-with-request-at-once",
        ("9113", "3.4"),
        "clients may send frames before they have the server's preface",
        request(1),
        Answered(),
        beginning=PREFACE + settings(),
    ),
)

PLACES = (
    *(
        Case(
            f"{_NAMES[kind].lower().replace('_', '-')}-on-stream-0",
            ("9113", _SECTIONS[kind]),
            f"{_NAMES[kind]} frames MUST be associated with a stream",
            frame(
                kind, END_HEADERS, 0, block(GET) if kind in (HEADERS, CONTINUATION) else bytes(_SIZES[kind])
            ),
            _PROTOCOL,
        )
        for kind in _NEED_STREAM
    ),
    *(
        Case(
            f"{_NAMES[kind].lower()}-on-a-stream",
            ("9113", _SECTIONS[kind]),
            f"{_NAMES[kind]} frames with a stream identifier other than 0 are a connection error",
            opened(1) + frame(kind, 0, 1, bytes(_SIZES[kind])),
            _PROTOCOL,
        )
        for kind in (SETTINGS, PING, GOAWAY)
    ),
    Case(
        "priority-update-on-a-stream",
        ("9218", "7.1"),
        "PRIORITY_UPDATE is sent on stream 0",
        frame(PRIORITY_UPDATE, 0, 1, b"\0\0\0\1u=1"),
        _PROTOCOL,
    ),
)

SIZES = (
    Case(
        "frame-above-max-frame-size",
        ("9113", "4.2"),
        "FRAME_SIZE_ERROR for a frame that exceeds SETTINGS_MAX_FRAME_SIZE",
        opened(1) + frame(DATA, 0, 1, b"x" * 16_385),
        _SIZE,
    ),
    Case(
        "headers-above-max-frame-size",
        ("9113", "4.2"),
        "a frame size error in a field block is a connection error",
        frame(HEADERS, END_HEADERS | END_STREAM, 1, bytes(16_385)),
        _SIZE,
    ),
    Case(
        "frame-of-max-frame-size",
        ("9113", "4.2"),
        "all implementations MUST be capable of frames of 2^14 octets",
        opened(1) + data(1, b"x" * 16_384),
        Answered(),
    ),
    *(
        Case(
            f"settings-of-{size}-octets",
            ("9113", "6.5"),
            "a SETTINGS frame whose length is not a multiple of 6 is FRAME_SIZE_ERROR",
            frame(SETTINGS, 0, 0, bytes(size)),
            _SIZE,
        )
        for size in (1, 5, 7)
    ),
    Case(
        "settings-ack-with-payload",
        ("9113", "6.5"),
        "a SETTINGS ACK with a length other than 0 is FRAME_SIZE_ERROR",
        frame(SETTINGS, ACK, 0, bytes(6)),
        _SIZE,
    ),
    *(
        Case(
            f"ping-of-{size}-octets",
            ("9113", "6.7"),
            "a PING frame with a length other than 8 is FRAME_SIZE_ERROR",
            frame(PING, 0, 0, bytes(size)),
            _SIZE,
        )
        for size in (0, 7, 9)
    ),
    *(
        Case(
            f"rst-stream-of-{size}-octets",
            ("9113", "6.4"),
            "a RST_STREAM frame with a length other than 4 is a connection error FRAME_SIZE_ERROR",
            opened(1) + frame(RST_STREAM, 0, 1, bytes(size)),
            _SIZE,
        )
        for size in (3, 5)
    ),
    *(
        Case(
            f"window-update-of-{size}-octets",
            ("9113", "6.9"),
            "a WINDOW_UPDATE frame with a length other than 4 is a connection error FRAME_SIZE_ERROR",
            frame(WINDOW_UPDATE, 0, 0, bytes(size)),
            _SIZE,
        )
        for size in (3, 5)
    ),
    *(
        Case(
            f"priority-of-{size}-octets",
            ("9113", "6.3"),
            "a PRIORITY frame with a length other than 5 is a stream error FRAME_SIZE_ERROR",
            opened(1) + frame(PRIORITY, 0, 1, bytes(size)),
            stream(FRAME_SIZE_ERROR),
        )
        for size in (4, 6)
    ),
    Case(
        "goaway-of-7-octets",
        ("9113", "6.8"),
        "a GOAWAY frame has at least 8 octets",
        frame(GOAWAY, 0, 0, bytes(7)),
        _SIZE,
    ),
    Case(
        "headers-too-short-for-priority",
        ("9113", "6.2"),
        "a frame too small for its mandatory fields is FRAME_SIZE_ERROR",
        frame(HEADERS, END_HEADERS | END_STREAM | HAS_PRIORITY, 1, bytes(4)),
        _SIZE,
    ),
    Case(
        "priority-update-of-3-octets",
        ("9218", "7.1"),
        "a PRIORITY_UPDATE frame has at least 4 octets",
        frame(PRIORITY_UPDATE, 0, 0, bytes(3)),
        _SIZE,
    ),
)

PADDING = (
    Case(
        "data-padded",
        ("9113", "6.1"),
        "padding is no content",
        opened(1) + frame(DATA, END_STREAM | PADDED, 1, b"\3abc\0\0\0"),
        Answered(),
    ),
    Case(
        "data-padding-as-long-as-payload",
        ("9113", "6.1"),
        "padding of the length of the payload or more is a connection error",
        opened(1) + frame(DATA, END_STREAM | PADDED, 1, b"\4abc"),
        _PROTOCOL,
    ),
    Case(
        "data-padding-longer-than-payload",
        ("9113", "6.1"),
        "padding of the length of the payload or more is a connection error",
        opened(1) + frame(DATA, END_STREAM | PADDED, 1, b"\xffabc"),
        _PROTOCOL,
    ),
    Case(
        "data-padded-without-pad-length",
        ("9113", "4.2"),
        "a frame too small for its mandatory fields is FRAME_SIZE_ERROR",
        opened(1) + frame(DATA, END_STREAM | PADDED, 1),
        session(FRAME_SIZE_ERROR, PROTOCOL_ERROR),
    ),
    Case(
        "headers-padded",
        ("9113", "6.2"),
        "HEADERS may be padded",
        frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\4" + block(GET) + bytes(4)),
        Answered(),
    ),
    Case(
        "headers-padded-with-priority",
        ("9113", "6.2"),
        "HEADERS may have padding and a priority",
        frame(
            HEADERS,
            END_HEADERS | END_STREAM | PADDED | HAS_PRIORITY,
            1,
            b"\2" + bytes(5) + block(GET) + bytes(2),
        ),
        Answered(),
    ),
    Case(
        "headers-padding-longer-than-payload",
        ("9113", "6.2"),
        "padding that exceeds what is left for the field block is a connection error",
        frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\xff" + block(GET)),
        _PROTOCOL,
    ),
)

UNKNOWN = (
    Case(
        "unknown-frame-type",
        ("9113", "5.5"),
        "Implementations MUST ignore frames of unknown types",
        frame(0xFE, 0xFF, 0, b"whatever") + request(1),
        Answered(),
    ),
    Case(
        "unknown-frame-type-on-idle-stream",
        ("9113", "5.5"),
        "Implementations MUST discard frames that have unknown or unsupported types",
        frame(0xFE, 0, 7, b"whatever"),
        Quiet(),
    ),
    Case(
        "unknown-flags",
        ("9113", "4.1"),
        "Unused flags MUST be ignored on receipt",
        ping(b"flagged!", 0xFE) + headers(1, GET, END_HEADERS | END_STREAM | 0xD2 & ~HAS_PRIORITY & ~PADDED),
        Answered(),
    ),
    Case(
        "reserved-bit",
        ("9113", "4.1"),
        "the reserved bit MUST be ignored when receiving",
        frame(HEADERS, END_HEADERS | END_STREAM, 1 << 31 | 1, block(GET)),
        Answered(),
    ),
    Case(
        "unknown-setting",
        ("9113", "6.5.2"),
        "An endpoint that receives a SETTINGS frame with any unknown identifier MUST ignore that setting",
        settings((0xFFFF, 7)) + request(1),
        Answered(),
    ),
    Case(
        "altsvc-from-a-client",
        ("7838", "4"),
        "An ALTSVC frame from a client MUST be ignored",
        frame(ALTSVC, 0, 0, b'\0\0h2=":1"'),
        Quiet(),
    ),
    Case(
        "origin-from-a-client",
        ("8336", "2.1"),
        "a server ignores ORIGIN frames",
        frame(ORIGIN, 0, 0, b"\0\1x"),
        Quiet(),
    ),
)

SESSION_FRAMES = (
    Case(
        "push-promise-from-a-client",
        ("9113", "8.4"),
        "A server MUST treat the receipt of a PUSH_PROMISE frame as a connection error",
        opened(1) + frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2" + block(GET)),
        _PROTOCOL,
    ),
    Case(
        "ping-ack-unasked",
        ("9113", "6.7"),
        "An endpoint MUST NOT respond to PING frames containing the ACK flag",
        ping(b"whatever", ACK),
        Quiet(),
    ),
    Case(
        "rst-stream-with-an-unknown-code",
        ("9113", "7"),
        "Unknown or unsupported error codes MUST NOT trigger any special behavior",
        opened(1) + reset(1, 0xDEAD_BEEF) + request(3),
        Answered((3,)),
    ),
    Case(
        "goaway-then-request-in-flight",
        ("9113", "6.8"),
        "streams opened before GOAWAY go on",
        opened(1) + goaway() + data(1, b"rest"),
        Answered(),
    ),
    *(
        Case(
            f"setting-{name}-of-{value}",
            ("9113", "6.5.2"),
            f"a value of {value} is {'FLOW_CONTROL_ERROR' if expected is _FLOW else 'PROTOCOL_ERROR'}",
            settings((identifier, value)),
            expected,
        )
        for name, identifier, value, expected in (
            ("enable-push", 2, 2, _PROTOCOL),
            ("initial-window-size", 4, 2**31, _FLOW),
            ("initial-window-size", 4, 2**32 - 1, _FLOW),
            ("max-frame-size", 5, 16_383, _PROTOCOL),
            ("max-frame-size", 5, 2**24, _PROTOCOL),
        )
    ),
    Case(
        "setting-enable-connect-protocol-of-2",
        ("8441", "3"),
        "the value MUST be 0 or 1",
        settings((8, 2)),
        _PROTOCOL,
    ),
    Case(
        "setting-no-rfc7540-priorities-of-2",
        ("9218", "2.1"),
        "any value other than 0 or 1 MUST be treated as a connection error",
        settings((9, 2)),
        _PROTOCOL,
    ),
    Case(
        "settings-the-same-twice",
        ("9113", "6.5.3"),
        "the values MUST be processed in the order they appear",
        settings((3, 0), (3, 100), (4, 0), (4, 65_535)) + request(1),
        Answered(),
    ),
    Case(
        "settings-largest-and-smallest",
        ("9113", "6.5.2"),
        "every value in its range is good",
        settings((1, 0), (2, 0), (3, 2**32 - 1), (5, 2**24 - 1), (6, 2**32 - 1)) + request(1),
        Answered(),
    ),
)

CASES = (*PREFACES, *PLACES, *SIZES, *PADDING, *UNKNOWN, *SESSION_FRAMES)
