"""What a peer may send to a stream that we have ended, or promised, and to nothing at all (RFC 9113 5.1)."""

from __future__ import annotations

import pytest

from services.http.reference.h2.compression import encode
from services.http.reference.h2.errors import ErrorCode
from services.http.reference.h2.events import DataReceived, SessionFailed, StreamClosed, TrailersReceived
from services.http.reference.h2.headers import request_head
from services.http.reference.h2.tests.driver import HEAD, Driver
from services.http.reference.trailers import NOT_IN_TRAILERS
from tests.http2 import wire

TRAILERS = ((b"x-sum", b"1"),)


@pytest.fixture
def ended() -> Driver:
    """Stream 1 is half-closed (local): answered, its request goes on."""
    driver = Driver()
    driver.feed(wire.opened(1))
    driver.core.respond(1, HEAD, b"early")
    driver.core.take_events()
    driver.frames()
    return driver


@pytest.fixture
def promised() -> Driver:
    """Stream 2 is reserved (local)."""
    driver = Driver()
    driver.feed(wire.request(1))
    driver.core.push(1, encode(wire.GET), request_head(wire.GET, extended_connect=False))
    driver.frames()
    return driver


def test_the_request_goes_on_to_its_end(ended: Driver) -> None:
    assert ended.feed(wire.data(1, b"more", 0)) == [DataReceived(1, b"more", False, 4)]
    assert ended.feed(wire.data(1, b"end")) == [DataReceived(1, b"end", True, 3), StreamClosed(1, 0)]


def test_the_request_may_end_with_trailers(ended: Driver) -> None:
    assert ended.feed(wire.headers(1, TRAILERS)) == [TrailersReceived(1, TRAILERS), StreamClosed(1, 0)]


def test_trailers_must_end_it(ended: Driver) -> None:
    ended.feed(wire.headers(1, TRAILERS, wire.END_HEADERS))
    assert [frame.code for frame in ended.frames()] == [ErrorCode.PROTOCOL_ERROR]


@pytest.mark.parametrize("name", sorted(NOT_IN_TRAILERS))
def test_what_frames_or_routes_a_message_has_no_place_in_trailers(ended: Driver, name: bytes) -> None:
    """RFC 9110, 6.5.1"""
    value = b"trailers" if name == b"te" else b"1"
    [closed] = ended.feed(wire.headers(1, ((name, value),)))
    assert isinstance(closed, StreamClosed)
    assert closed.code == ErrorCode.PROTOCOL_ERROR
    assert [frame.code for frame in ended.frames()] == [ErrorCode.PROTOCOL_ERROR]


def test_the_request_may_be_reset(ended: Driver) -> None:
    assert ended.feed(wire.reset(1, 8)) == [StreamClosed(1, 8, by_peer=True)]


def test_its_window_may_still_grow(ended: Driver) -> None:
    assert ended.feed(wire.window(1, 10)) == []
    assert ended.frames() == []


def test_a_promised_stream_takes_window_updates(promised: Driver) -> None:
    assert promised.feed(wire.window(2, 10)) == []
    assert promised.core.respond(2, HEAD, b"") is True


@pytest.mark.parametrize("octets", [wire.data(2, b"x"), wire.data(2, b"x", 0)])
def test_a_promised_stream_takes_no_content(promised: Driver, octets: bytes) -> None:
    failure = promised.only(SessionFailed, promised.feed(octets))
    assert failure.code == ErrorCode.PROTOCOL_ERROR


@pytest.mark.parametrize("flags", [wire.END_HEADERS, wire.END_HEADERS | wire.END_STREAM])
def test_a_promised_stream_takes_no_headers(promised: Driver, flags: int) -> None:
    failure = promised.only(SessionFailed, promised.feed(wire.headers(2, wire.GET, flags)))
    assert failure.code == ErrorCode.PROTOCOL_ERROR


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(wire.SETTINGS_ACK, id="settings-ack-unasked"),
        pytest.param(wire.goaway(2) + wire.goaway(4), id="goaway-naming-a-higher-stream"),
    ],
)
def test_what_makes_no_sense_ends_the_session(octets: bytes) -> None:
    """No clause says what comes of these; nghttp2 ends the session too."""
    driver = Driver()
    assert driver.only(SessionFailed, driver.feed(octets)).code == ErrorCode.PROTOCOL_ERROR
