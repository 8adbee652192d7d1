"""Our core and the `h2` library, given the same random frames, find the same first fault, or none.

Where the two differ on purpose, `AGREED` says so, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import ProtocolError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.http.reference.h2.tests.driver import Driver
from tests.http2 import wire
from tests.http2.wire import END_HEADERS, END_STREAM, GET, GOAWAY, RST_STREAM

STREAMS = (1, 3, 5)


@dataclass(frozen=True)
class Move:
    """A few frames, and what they are called."""

    name: str
    octets: bytes


def _moves(stream: int) -> list[Move]:
    field = (b"x-name", b"value")
    half = wire.block(GET)
    made: dict[str, bytes] = {
        "request": wire.request(stream),
        "request-with-fields": wire.request(stream, field, (b"cookie", b"a=1"), (b"te", b"trailers")),
        "opened": wire.opened(stream),
        "opened-with-length": wire.opened(stream, (b"content-length", b"3")),
        "data": wire.data(stream, b"abc", 0),
        "data-end": wire.data(stream, b"abc"),
        "data-padded": wire.frame(0, 0x8, stream, b"\1a\0"),
        "data-empty-end": wire.data(stream),
        "trailers": wire.headers(stream, (field,)),
        "trailers-open": wire.headers(stream, (field,), END_HEADERS),
        "reset": wire.reset(stream),
        "window": wire.window(stream, 1_000),
        "window-0": wire.window(stream, 0),
        "window-overflow": wire.window(stream, 2**31 - 1),
        "priority": wire.priority(stream, 0),
        "priority-on-itself": wire.priority(stream, stream),
        "continued": wire.frame(1, END_STREAM, stream, half[:9])
        + wire.frame(9, END_HEADERS, stream, half[9:]),
        "continuation": wire.frame(9, END_HEADERS, stream, b""),
        "upper-case": wire.request(stream, (b"X-Name", b"1")),
        "connection-field": wire.request(stream, (b"connection", b"close")),
        "no-path": wire.request(stream, fields=wire.changed(GET, path=None)),
        "path-twice": wire.request(stream, fields=(*GET, GET[-1])),
    }
    return [Move(f"{name}({stream})", octets) for name, octets in made.items()]


SESSION = [
    Move("ping", wire.ping()),
    Move("ping-short", wire.frame(6, 0, 0, b"short")),
    Move("settings", wire.settings((4, 100_000), (0xFFFF, 1))),
    Move("settings-bad-push", wire.settings((2, 7))),
    Move("settings-bad-window", wire.settings((4, 2**31))),
    Move("session-window", wire.window(0, 10)),
    Move("session-window-0", wire.window(0, 0)),
    Move("unknown", wire.frame(0xFE, 0xFF, 0, b"x")),
    Move("data-on-0", wire.data(0, b"x")),
    Move("push-promise", wire.frame(5, END_HEADERS, 1, b"\0\0\0\2" + wire.block(GET))),
    Move("bad-hpack", wire.frame(1, END_HEADERS | END_STREAM, 7, b"\x80")),
    Move("even", wire.request(2)),
]
MOVES = SESSION + [move for stream in STREAMS for move in _moves(stream)]


def ours(moves: list[Move]) -> int | None:
    """The index of the first move that our core faults."""
    driver = Driver()
    for index, move in enumerate(moves):
        driver.feed(move.octets)
        if any(
            frame.kind == GOAWAY or (frame.kind == RST_STREAM and frame.code) for frame in driver.frames()
        ):
            return index
    return None


def theirs(moves: list[Move]) -> int | None:
    """The same of the library."""
    server = H2Connection(H2Configuration(client_side=False, header_encoding=None))
    server.initiate_connection()
    server.receive_data(wire.PREFACE + wire.settings() + wire.SETTINGS_ACK)
    server.data_to_send()
    for index, move in enumerate(moves):
        try:
            server.receive_data(move.octets)
        except ProtocolError:
            return index
        if any(frame.kind == RST_STREAM for frame in wire.frames(server.data_to_send())):
            return index
    return None


AGREED: dict[str, Callable[[list[Move], int], bool]] = {
    "RST_STREAM on an idle stream is a connection error (RFC 9113 6.4); the library lets it pass": (
        lambda moves, at: moves[at].name.startswith("reset(")
    ),
    "a WINDOW_UPDATE of 0 on a closed stream is ignored like any other there; the library faults it": (
        lambda moves, at: moves[at].name.startswith("window-0(")
    ),
    "content-length counts when trailers end a request (RFC 9113 8.1.1); the library does not look": (
        lambda moves, at: moves[at].name.startswith("trailers(") and _has_length(moves, at)
    ),
}
"""Why the one that faults first may be alone in it, by the moves so far and the index of the fault."""


def _has_length(moves: list[Move], at: int) -> bool:
    stream = moves[at].name.removeprefix("trailers")
    return any(move.name == f"opened-with-length{stream}" for move in moves[:at])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(MOVES), min_size=1, max_size=12))
def test_both_find_the_same_first_fault(moves: list[Move]) -> None:
    mine, other = ours(moves), theirs(moves)
    if mine != other:
        first = min(index for index in (mine, other) if index is not None)
        reasons = [why for why, holds in AGREED.items() if holds(moves, first)]
        names = [move.name for move in moves[: first + 1]]
        assert reasons, f"we fault {mine}, the library {other}: {names}"
