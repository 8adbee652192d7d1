"""Streams: identifiers, states, priority, flow control and order (RFC 9113 5, 6.9, 6.10 and 8.1)."""

from __future__ import annotations

from tests.http2.cases.case import Case, session, stream
from tests.http2.outcome import Answered, Quiet, SessionEnds
from tests.http2.wire import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    FLOW_CONTROL_ERROR,
    GET,
    HAS_PRIORITY,
    HEADERS,
    POST,
    PRIORITY_UPDATE,
    PROTOCOL_ERROR,
    STREAM_CLOSED,
    WINDOW_UPDATE,
    block,
    data,
    frame,
    headers,
    opened,
    ping,
    priority,
    request,
    reset,
    settings,
    window,
)

_PROTOCOL, _FLOW, _CLOSED = (
    session(PROTOCOL_ERROR),
    session(FLOW_CONTROL_ERROR),
    SessionEnds((STREAM_CLOSED,), or_less=True),
)
_MALFORMED = stream(PROTOCOL_ERROR)
_BLOCK = block(GET)
_IDLE = "on an idle stream any frame other than HEADERS or PRIORITY MUST be a connection error"
_HALF = "after END_STREAM any frame but WINDOW_UPDATE, PRIORITY or RST_STREAM is a stream error STREAM_CLOSED"
_OVER = "a stream that has ended takes no more frames: STREAM_CLOSED"
_RESPONSE_HELD = settings((4, 0))
"""With an initial window of 0 the response has to wait, and the stream stays half-closed (remote)."""

IDENTIFIERS = (
    Case(
        "stream-even",
        ("9113", "5.1.1"),
        "Streams initiated by a client MUST use odd-numbered identifiers",
        request(2),
        _PROTOCOL,
    ),
    Case(
        "stream-lower-than-before",
        ("9113", "5.1.1"),
        "an identifier that is lower than before is a connection error",
        request(5) + request(3),
        _PROTOCOL,
    ),
    Case(
        "streams-skipped",
        ("9113", "5.1.1"),
        "identifiers may be skipped",
        request(1) + request(101),
        Answered((1, 101)),
    ),
    Case(
        "stream-highest",
        ("9113", "5.1.1"),
        "identifiers go up to 2^31-1",
        request(2**31 - 1),
        Answered((2**31 - 1,)),
    ),
    Case(
        "stream-used-twice",
        ("9113", "5.1.1"),
        "Stream identifiers cannot be reused",
        request(1),
        _CLOSED,
        then=request(1),
    ),
)

IDLE = (
    Case("data-on-idle-and-more", ("9113", "5.1"), _IDLE, data(1, b"x", 0), _PROTOCOL),
    Case("data-on-idle", ("9113", "5.1"), _IDLE, data(1, b"x"), _PROTOCOL),
    Case(
        "rst-stream-on-idle",
        ("9113", "6.4"),
        "RST_STREAM on an idle stream MUST be treated as a connection error",
        reset(1),
        _PROTOCOL,
    ),
    Case("window-update-on-idle", ("9113", "5.1"), _IDLE, window(1, 100), _PROTOCOL),
    Case(
        "continuation-on-idle",
        ("9113", "6.10"),
        "CONTINUATION MUST follow HEADERS without END_HEADERS",
        frame(CONTINUATION, END_HEADERS, 1, _BLOCK),
        _PROTOCOL,
    ),
    Case(
        "priority-on-idle",
        ("9113", "6.3"),
        "PRIORITY can be sent for a stream in any state",
        priority(3) + request(1),
        Answered(),
    ),
    Case("data-on-idle-server-stream", ("9113", "5.1"), _IDLE, data(2, b"x"), _PROTOCOL),
)

HALF_CLOSED = (
    Case(
        "data-after-end-stream-and-more",
        ("9113", "5.1"),
        _HALF,
        _RESPONSE_HELD + request(1) + data(1, b"x", 0),
        stream(STREAM_CLOSED),
    ),
    Case(
        "headers-after-end-stream-and-more",
        ("9113", "5.1"),
        _HALF,
        _RESPONSE_HELD + request(1) + headers(1, GET, END_HEADERS),
        stream(STREAM_CLOSED),
    ),
    Case(
        "data-after-end-stream",
        ("9113", "5.1"),
        _HALF,
        _RESPONSE_HELD + request(1) + data(1, b"x"),
        stream(STREAM_CLOSED),
    ),
    Case(
        "headers-after-end-stream",
        ("9113", "5.1"),
        _HALF,
        _RESPONSE_HELD + request(1) + request(1),
        stream(STREAM_CLOSED),
    ),
    Case(
        "window-update-after-end-stream",
        ("9113", "5.1"),
        "WINDOW_UPDATE is legal when half-closed (remote)",
        _RESPONSE_HELD + request(1) + window(1, 1_000),
        Answered(),
    ),
    Case(
        "priority-after-end-stream",
        ("9113", "5.1"),
        "PRIORITY is legal when half-closed (remote)",
        _RESPONSE_HELD + request(1) + priority(1) + window(1, 1_000),
        Answered(),
    ),
    Case(
        "rst-stream-after-end-stream",
        ("9113", "5.1"),
        "RST_STREAM is legal when half-closed (remote)",
        _RESPONSE_HELD + request(1),
        Answered((1, 3)),
        then=reset(1) + request(3) + window(3, 1_000),
    ),
)

CLOSED = (
    Case("data-on-closed-and-more", ("9113", "5.1"), _OVER, request(1), _CLOSED, then=data(1, b"x", 0)),
    Case("headers-on-closed-and-more", ("9113", "5.1"), _OVER, request(1), _CLOSED, then=opened(1)),
    Case("data-on-closed", ("9113", "5.1"), _OVER, request(1), _CLOSED, then=data(1, b"x")),
    Case("headers-on-closed", ("9113", "5.1"), _OVER, request(1), _CLOSED, then=request(1)),
    Case(
        "window-update-on-closed",
        ("9113", "5.1"),
        "WINDOW_UPDATE may arrive after END_STREAM was sent",
        request(1),
        Answered(),
        then=window(1, 100),
    ),
    Case(
        "rst-stream-on-closed",
        ("9113", "5.1"),
        "RST_STREAM may arrive after END_STREAM was sent",
        request(1),
        Answered(),
        then=reset(1),
    ),
    Case(
        "priority-on-closed",
        ("9113", "5.1"),
        "PRIORITY is legal on a closed stream",
        request(1),
        Answered(),
        then=priority(1),
    ),
    Case(
        "data-after-rst-stream",
        ("9113", "5.1"),
        "after RST_STREAM the stream takes no more frames",
        opened(1) + reset(1) + data(1, b"x"),
        _CLOSED,
    ),
    Case(
        "headers-after-rst-stream",
        ("9113", "5.1"),
        "after RST_STREAM the stream takes no more frames",
        opened(1) + reset(1) + request(1),
        _CLOSED,
    ),
    Case(
        "data-on-a-stream-the-server-reset",
        ("9113", "5.1"),
        "frames that were under way when RST_STREAM was sent MUST be ignored",
        opened(1, (b"connection", b"close")) + data(1, b"x", 0) + data(1, b"y"),
        _MALFORMED,
    ),
    Case(
        "trailers-on-a-stream-the-server-reset",
        ("9113", "5.1"),
        "field blocks on such a stream are read for their effect on compression, and ignored",
        opened(1, (b"connection", b"close")) + headers(1, ((b"x-late", b"1"),)),
        _MALFORMED,
    ),
)

BLOCKS = (
    Case(
        "continuation",
        ("9113", "6.10"),
        "a field block may be continued",
        headers(1, (), END_STREAM)
        + frame(CONTINUATION, 0, 1, _BLOCK[:7])
        + frame(CONTINUATION, END_HEADERS, 1, _BLOCK[7:]),
        Answered(),
    ),
    Case(
        "continuation-empty",
        ("9113", "6.10"),
        "a continuation may be empty",
        frame(HEADERS, END_STREAM, 1, _BLOCK) + frame(CONTINUATION, END_HEADERS, 1),
        Answered(),
    ),
    Case(
        "continuation-on-another-stream",
        ("9113", "6.10"),
        "a field block MUST NOT be interleaved",
        frame(HEADERS, END_STREAM, 1, _BLOCK) + frame(CONTINUATION, END_HEADERS, 3),
        _PROTOCOL,
    ),
    Case(
        "ping-within-a-field-block",
        ("9113", "4.3"),
        "no other frames may be interleaved in a field block",
        frame(HEADERS, END_STREAM, 1, _BLOCK) + ping() + frame(CONTINUATION, END_HEADERS, 1),
        _PROTOCOL,
    ),
    Case(
        "priority-within-a-field-block",
        ("9113", "4.3"),
        "no other frames may be interleaved in a field block",
        frame(HEADERS, END_STREAM, 1, _BLOCK) + priority(1) + frame(CONTINUATION, END_HEADERS, 1),
        _PROTOCOL,
    ),
    Case(
        "data-within-a-field-block",
        ("9113", "4.3"),
        "no other frames may be interleaved in a field block",
        frame(HEADERS, 0, 1, _BLOCK) + data(1, b"x") + frame(CONTINUATION, END_HEADERS, 1),
        _PROTOCOL,
    ),
    Case(
        "unknown-frame-within-a-field-block",
        ("9113", "5.5"),
        "an extension frame in the middle of a field block MUST be treated as a connection error",
        frame(HEADERS, END_STREAM, 1, _BLOCK) + frame(0xFE, 0, 0) + frame(CONTINUATION, END_HEADERS, 1),
        _PROTOCOL,
    ),
    Case(
        "headers-within-a-field-block",
        ("9113", "6.2"),
        "HEADERS without END_HEADERS MUST be followed by CONTINUATION",
        frame(HEADERS, END_STREAM, 1, _BLOCK) + request(3),
        _PROTOCOL,
    ),
    Case(
        "continuation-after-end-headers",
        ("9113", "6.10"),
        "CONTINUATION MUST be preceded by a frame without END_HEADERS",
        opened(1) + frame(CONTINUATION, END_HEADERS, 1, b""),
        _PROTOCOL,
    ),
    Case(
        "continuation-after-data",
        ("9113", "6.10"),
        "CONTINUATION MUST be preceded by a frame without END_HEADERS",
        opened(1) + data(1, b"x", 0) + frame(CONTINUATION, END_HEADERS, 1, b""),
        _PROTOCOL,
    ),
)

PRIORITIES = (
    Case(
        "headers-with-priority",
        ("9113", "6.2"),
        "HEADERS may carry a priority",
        frame(HEADERS, END_HEADERS | END_STREAM | HAS_PRIORITY, 1, b"\x80\0\0\0\xff" + _BLOCK),
        Answered(),
    ),
    Case(
        "priority-update",
        ("9218", "7.1"),
        "a priority may be sent before its request",
        frame(PRIORITY_UPDATE, 0, 0, b"\0\0\0\1u=0, i") + request(1),
        Answered(),
    ),
    Case(
        "priority-update-nonsense",
        ("9218", "4"),
        "what cannot be parsed is ignored",
        frame(PRIORITY_UPDATE, 0, 0, b"\0\0\0\1\xff=;;") + request(1),
        Answered(),
    ),
    Case(
        "priority-update-of-stream-0",
        ("9218", "7.1"),
        "a prioritized stream of 0 MUST be a connection error",
        frame(PRIORITY_UPDATE, 0, 0, b"\0\0\0\0u=1"),
        _PROTOCOL,
    ),
    Case(
        "priority-update-of-an-idle-push",
        ("9218", "7.1"),
        "a push stream that is idle MUST be a connection error",
        frame(PRIORITY_UPDATE, 0, 0, b"\0\0\0\2u=1"),
        _PROTOCOL,
    ),
)

SELF_DEPENDENCY = (
    Case(
        "priority-on-itself",
        ("7540", "5.3.1"),
        "A stream cannot depend on itself",
        opened(1) + priority(1, 1),
        _MALFORMED,
    ),
    Case(
        "headers-depending-on-themselves",
        ("7540", "5.3.1"),
        "A stream cannot depend on itself",
        frame(HEADERS, END_HEADERS | END_STREAM | HAS_PRIORITY, 1, b"\0\0\0\1\x0f" + _BLOCK),
        _MALFORMED,
    ),
)

FLOW = (
    Case(
        "window-update-of-0-on-a-stream",
        ("9113", "6.9"),
        "an increment of 0 MUST be treated as a stream error",
        opened(1) + window(1, 0),
        _MALFORMED,
    ),
    Case(
        "window-update-of-0-on-the-session",
        ("9113", "6.9"),
        "on the connection window it is a connection error",
        window(0, 0),
        _PROTOCOL,
    ),
    Case(
        "stream-window-overflow",
        ("9113", "6.9.1"),
        "past 2^31-1 the stream is ended with FLOW_CONTROL_ERROR",
        opened(1) + window(1, 2**31 - 1),
        stream(FLOW_CONTROL_ERROR),
    ),
    Case(
        "session-window-overflow",
        ("9113", "6.9.1"),
        "past 2^31-1 the session is ended with FLOW_CONTROL_ERROR",
        window(0, 2**31 - 1),
        _FLOW,
    ),
    Case(
        "session-window-largest",
        ("9113", "6.9.1"),
        "a window may be 2^31-1",
        window(0, 2**31 - 65_536),
        Quiet(),
    ),
    Case(
        "initial-window-overflows-a-stream",
        ("9113", "6.9.2"),
        "a change of the initial size past 2^31-1 is a connection error",
        opened(1) + window(1, 2**31 - 65_536) + settings((4, 65_536)),
        _FLOW,
    ),
    Case(
        "initial-window-leaves-the-session-alone",
        ("9113", "6.9.2"),
        "the connection window is changed by WINDOW_UPDATE only",
        settings((4, 2**31 - 1)) + request(1),
        Answered(),
    ),
    Case(
        "window-update-with-the-reserved-bit",
        ("9113", "6.9"),
        "the reserved bit MUST be ignored when receiving",
        settings((4, 0)) + request(1) + frame(WINDOW_UPDATE, 0, 1, b"\x80\0\x10\0"),
        Answered(),
    ),
    Case(
        "window-below-zero",
        ("9113", "6.9.2"),
        "a change of the initial size can make a window negative, and WINDOW_UPDATE opens it again",
        settings((4, 1)) + request(1) + settings((4, 0)) + window(1, 1_000),
        Answered(),
    ),
    Case(
        "window-update-on-reset-by-client",
        ("9113", "5.1"),
        "WINDOW_UPDATE on a closed stream is ignored",
        opened(1) + reset(1) + window(1, 5),
        Quiet(),
    ),
)

ORDER = (
    Case(
        "trailers",
        ("9113", "8.1"),
        "a request may end with a trailer section",
        opened(1) + data(1, b"x", 0) + headers(1, ((b"x-sum", b"1"),)),
        Answered(),
    ),
    Case(
        "trailers-without-end-stream",
        ("9113", "8.1"),
        "a trailer section without END_STREAM is malformed",
        opened(1) + data(1, b"x", 0) + headers(1, ((b"x-sum", b"1"),), END_HEADERS),
        _MALFORMED,
    ),
    Case(
        "trailers-with-a-pseudo-field",
        ("9113", "8.1"),
        "Trailers MUST NOT include pseudo-header fields",
        opened(1) + headers(1, ((b":path", b"/"),)),
        _MALFORMED,
    ),
    Case(
        "trailers-in-upper-case",
        ("9113", "8.2.1"),
        "names are in lower case in trailers too",
        opened(1) + headers(1, ((b"X-Sum", b"1"),)),
        _MALFORMED,
    ),
    Case(
        "data-after-trailers",
        ("9113", "5.1"),
        _HALF,
        _RESPONSE_HELD + opened(1) + headers(1, ((b"x-sum", b"1"),)) + data(1, b"x"),
        stream(STREAM_CLOSED),
    ),
    Case(
        "end-stream-on-empty-data",
        ("9113", "8.1"),
        "an empty DATA frame may end a request",
        opened(1) + data(1, b"abc", 0) + data(1),
        Answered(),
    ),
    *(
        Case(
            f"content-length-{said}-of-{real}",
            ("9113", "8.1.1"),
            "a content-length that differs from the DATA received makes the request malformed",
            opened(1, (b"content-length", said.encode())) + data(1, b"x" * real),
            _MALFORMED,
        )
        for said, real in (("5", 4), ("5", 6), ("0", 1))
    ),
    Case(
        "content-length-with-end-stream",
        ("9113", "8.1.1"),
        "content-length 5 and no DATA is malformed",
        request(1, (b"content-length", b"5"), fields=POST),
        _MALFORMED,
    ),
    Case(
        "content-length-exceeded-early",
        ("9113", "8.1.1"),
        "more DATA than content-length is malformed at once",
        opened(1, (b"content-length", b"2")) + data(1, b"xxx", 0),
        _MALFORMED,
    ),
    Case(
        "content-length-right",
        ("9113", "8.1.1"),
        "an equal one is good",
        opened(1, (b"content-length", b"3")) + frame(DATA, 0, 1, b"ab") + data(1, b"c"),
        Answered(),
    ),
    Case(
        "content-length-and-trailers",
        ("9113", "8.1.1"),
        "it counts with trailers too",
        opened(1, (b"content-length", b"3")) + data(1, b"ab", 0) + headers(1, ((b"x-sum", b"1"),)),
        _MALFORMED,
    ),
)

CASES = (*IDENTIFIERS, *IDLE, *HALF_CLOSED, *CLOSED, *BLOCKS, *PRIORITIES, *FLOW, *ORDER)
