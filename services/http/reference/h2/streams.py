"""Stream states as a table keyed (state, input), beside RFC 9113 5.1, and what a stream remembers.

                         +--------+
                 send PP |        | recv HEADERS
                ,--------|  idle  |-----------.
               v         +--------+            v
        +----------+                      +--------+  recv ES   +-----------------+
        | reserved |                      |  open  |----------->| half-closed     |
        | (local)  |---.                  +--------+            | (remote)        |
        +----------+   | send HEADERS          | send ES        +-----------------+
                       |                       v                        | send ES
                       |               +-----------------+   recv ES    v
                       |               | half-closed     |-------> +--------+
                       |               | (local)         |         | closed |
                       `-------------->| (remote) ------------->   +--------+

A pair that is absent from `TRANSITIONS` is illegal. Received, it is a fault that `FAULTS` describes by
state; sent, it is our own mistake (`StreamGone`). RST_STREAM, either way, leads to closed from every
state but idle.
"""

import enum
from collections import deque
from dataclasses import dataclass

from .errors import ConnectionFault, ErrorCode, PeerFault, StreamFault, StreamGone
from .headers import RequestHead
from .priority import DEFAULT_URGENCY


class State(enum.IntEnum):
    """Stream states of a server (RFC 9113 5.1); reserved (remote) is a client's."""

    IDLE = 0
    RESERVED_LOCAL = 1
    OPEN = 2
    HALF_CLOSED_LOCAL = 3
    HALF_CLOSED_REMOTE = 4
    CLOSED = 5


class Input(enum.IntEnum):
    """What moves a stream: a frame received or sent, `_END` with END_STREAM."""

    RECV_HEADERS = 0
    RECV_HEADERS_END = 1
    RECV_DATA = 2
    RECV_DATA_END = 3
    RECV_RST_STREAM = 4
    RECV_WINDOW_UPDATE = 5
    SEND_PUSH_PROMISE = 6
    SEND_HEADERS = 7
    SEND_HEADERS_END = 8
    SEND_DATA = 9
    SEND_DATA_END = 10
    SEND_RST_STREAM = 11


_I, _R, _O = State.IDLE, State.RESERVED_LOCAL, State.OPEN
_L, _M, _C = State.HALF_CLOSED_LOCAL, State.HALF_CLOSED_REMOTE, State.CLOSED

TRANSITIONS: dict[tuple[State, Input], State] = {
    # idle: only HEADERS opens; a server may reserve
    (_I, Input.RECV_HEADERS): _O,
    (_I, Input.RECV_HEADERS_END): _M,
    (_I, Input.SEND_PUSH_PROMISE): _R,
    # reserved (local): HEADERS or RST_STREAM may be sent, RST_STREAM and WINDOW_UPDATE received
    (_R, Input.SEND_HEADERS): _M,
    (_R, Input.SEND_HEADERS_END): _C,
    (_R, Input.SEND_RST_STREAM): _C,
    (_R, Input.RECV_RST_STREAM): _C,
    (_R, Input.RECV_WINDOW_UPDATE): _R,
    # open: everything, both ways
    (_O, Input.RECV_HEADERS): _O,
    (_O, Input.RECV_HEADERS_END): _M,
    (_O, Input.RECV_DATA): _O,
    (_O, Input.RECV_DATA_END): _M,
    (_O, Input.RECV_RST_STREAM): _C,
    (_O, Input.RECV_WINDOW_UPDATE): _O,
    (_O, Input.SEND_HEADERS): _O,
    (_O, Input.SEND_HEADERS_END): _L,
    (_O, Input.SEND_DATA): _O,
    (_O, Input.SEND_DATA_END): _L,
    (_O, Input.SEND_RST_STREAM): _C,
    # half-closed (local): we have ended, the peer goes on
    (_L, Input.RECV_HEADERS): _L,
    (_L, Input.RECV_HEADERS_END): _C,
    (_L, Input.RECV_DATA): _L,
    (_L, Input.RECV_DATA_END): _C,
    (_L, Input.RECV_RST_STREAM): _C,
    (_L, Input.RECV_WINDOW_UPDATE): _L,
    (_L, Input.SEND_RST_STREAM): _C,
    # half-closed (remote): the peer has ended, we go on
    (_M, Input.RECV_RST_STREAM): _C,
    (_M, Input.RECV_WINDOW_UPDATE): _M,
    (_M, Input.SEND_HEADERS): _M,
    (_M, Input.SEND_HEADERS_END): _C,
    (_M, Input.SEND_DATA): _M,
    (_M, Input.SEND_DATA_END): _C,
    (_M, Input.SEND_RST_STREAM): _C,
    # closed: WINDOW_UPDATE and RST_STREAM may still arrive and mean nothing
    (_C, Input.RECV_RST_STREAM): _C,
    (_C, Input.RECV_WINDOW_UPDATE): _C,
}

AFTER_REQUEST_HEAD = TRANSITIONS[_I, Input.RECV_HEADERS]
AFTER_WHOLE_REQUEST = TRANSITIONS[_I, Input.RECV_HEADERS_END]


@dataclass(frozen=True, slots=True)
class Fault:
    """What receiving an illegal frame costs in one state."""

    code: ErrorCode
    costs_only_the_stream: bool
    reason: str


FAULTS: dict[State, Fault] = {
    _I: Fault(ErrorCode.PROTOCOL_ERROR, False, "on an idle stream"),
    _R: Fault(ErrorCode.PROTOCOL_ERROR, False, "on a reserved stream"),
    _M: Fault(ErrorCode.STREAM_CLOSED, True, "after END_STREAM"),
    _C: Fault(ErrorCode.STREAM_CLOSED, False, "on a closed stream"),
}
"""Open and half-closed (local) are absent: every frame a client may send is legal there."""


def receive(state: State, event: Input, stream_id: int) -> State:
    """The state after a frame has been received; raises the PeerFault of `FAULTS` for an illegal one."""
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise illegal(state, event.name.removeprefix("RECV_"), stream_id)
    return after


def illegal(state: State, what: str, stream_id: int) -> PeerFault:
    """The fault of receiving `what` in `state`."""
    fault = FAULTS[state]
    reason = f"{what} {fault.reason}"
    if fault.costs_only_the_stream:
        return StreamFault(stream_id, fault.code, reason, "RFC 9113 5.1")
    return ConnectionFault(fault.code, reason, "RFC 9113 5.1")


def send(state: State, event: Input, stream_id: int) -> State:
    """The state after a frame has been sent; raises StreamGone when it may not be sent."""
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise StreamGone(f"stream {stream_id}: {event.name} is illegal when {state.name}")
    return after


class Stream:
    """What is known of one stream that is not idle and not closed; windows and sizes are in octets."""

    __slots__ = (
        "announced",
        "ended",
        "head",
        "id",
        "incremental",
        "inflow",
        "pending",
        "pending_size",
        "received",
        "responded",
        "send_window",
        "state",
        "trailers",
        "urgency",
    )

    def __init__(
        self, stream_id: int, state: State, head: RequestHead, send_window: int, inflow: int
    ) -> None:
        self.id = stream_id
        self.state = state
        self.head = head
        self.send_window = send_window
        """How much DATA the peer lets us send; negative after it has shrunk the initial window."""
        self.inflow = inflow
        """How much DATA we have let the peer send and it has not sent."""
        self.announced = 0
        """Octets consumed here and not yet given back with WINDOW_UPDATE."""
        self.received = 0
        """Content octets received, held against content-length."""
        self.pending: deque[bytes | memoryview] | None = None
        """DATA that waits for window, oldest first."""
        self.pending_size = 0
        self.ended = False
        """END_STREAM follows the pending DATA."""
        self.trailers: bytes | None = None
        """The encoded trailer section that follows the pending DATA."""
        self.responded = False
        """The final (non-1xx) response head has been sent."""
        self.urgency = DEFAULT_URGENCY
        self.incremental = True
        """Shares with its equals until the peer's own signal says otherwise (RFC 9218 10)."""
