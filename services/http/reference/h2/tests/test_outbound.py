"""What the core may send, when, and in which order (RFC 9113 5.2, 6.8, 8.1, 8.4, RFC 9218 10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.http.reference.h2 import ActionRefused, Connection, StreamGone
from services.http.reference.h2.compression import encode
from services.http.reference.h2.events import ResponseSent, SettingsAcknowledged, StreamClosed
from services.http.reference.h2.headers import request_head
from services.http.reference.h2.tests.driver import HEAD, Driver
from tests.http2 import wire
from tests.http2.wire import CONTINUATION, DATA, END_STREAM, GOAWAY, HEADERS, PING, RST_STREAM, WINDOW_UPDATE

PUSHED = (
    (b":method", b"GET"),
    (b":scheme", b"http"),
    (b":authority", b"h2c.wireyard.test"),
    (b":path", b"/"),
)


def kinds(driver: Driver) -> list[int]:
    return [frame.kind for frame in driver.frames()]


def test_a_whole_response_closes_the_stream_at_once() -> None:
    driver = Driver()
    driver.feed(wire.request(1))
    assert driver.core.respond(1, HEAD, b"body") is True
    assert [(f.kind, f.flags & END_STREAM) for f in driver.frames()] == [(HEADERS, 0), (DATA, END_STREAM)]
    assert driver.core.streams == {}


def test_a_response_without_content_ends_with_its_head() -> None:
    driver = Driver()
    driver.feed(wire.request(1))
    driver.core.respond(1, HEAD, b"")
    assert [(f.kind, f.flags & END_STREAM) for f in driver.frames()] == [(HEADERS, END_STREAM)]


def test_a_response_that_waits_for_window_tells_when_it_is_sent() -> None:
    driver = Driver((4, 3))
    driver.feed(wire.request(1))
    assert driver.core.respond(1, HEAD, b"body") is False
    assert [f.payload for f in driver.frames() if f.kind == DATA] == [b"bod"]
    assert driver.core.take_events() == []
    driver.feed(wire.window(1, 1))
    assert [(f.payload, f.flags) for f in driver.frames()] == [(b"y", END_STREAM)]
    assert driver.core.take_events() == [ResponseSent(1), StreamClosed(1, 0)]


def test_a_response_to_a_request_that_goes_on_leaves_the_stream_half_closed() -> None:
    driver = Driver()
    driver.feed(wire.opened(1))
    assert driver.core.respond(1, HEAD, b"early") is False
    assert driver.core.take_events() == [ResponseSent(1)]
    assert driver.feed(wire.data(1, b"rest"))[-1] == StreamClosed(1, 0)


def test_the_session_window_holds_all_streams() -> None:
    driver = Driver((4, 1 << 20))
    driver.feed(wire.request(1), wire.request(3))
    for stream in (1, 3):
        driver.core.respond(stream, HEAD, b"x" * 40_000)
    assert sum(len(f.payload) for f in driver.frames() if f.kind == DATA) == 65_535
    driver.feed(wire.window(0, 100_000))
    assert sum(len(f.payload) for f in driver.frames() if f.kind == DATA) == 80_000 - 65_535


def test_a_smaller_initial_window_makes_windows_negative() -> None:
    """RFC 9113 6.9.2."""
    driver = Driver((4, 10))
    driver.feed(wire.request(1))
    driver.core.respond(1, HEAD, b"x" * 20)
    driver.frames()
    driver.feed(wire.settings((4, 4)), wire.window(1, 8))
    assert [len(f.payload) for f in driver.frames() if f.kind == DATA] == [2]


def test_room_bounds_what_is_taken_at_once() -> None:
    driver = Driver((4, 1 << 20))
    driver.feed(wire.window(0, 1 << 20), wire.request(1))
    driver.core.respond(1, HEAD, b"x" * 500_000)
    assert 16_384 <= sum(len(f.payload) for f in driver.frames(20_000)) <= 3 * 16_384


def test_equals_take_turns_and_the_urgent_come_first() -> None:
    """RFC 9218 10: stream 5 before 1 and 3, and those 64 KiB at a time."""
    driver = Driver((4, 1 << 20))
    driver.feed(
        wire.window(0, 1 << 20),
        wire.request(1),
        wire.request(3),
        wire.request(5, (b"priority", b"u=1")),
    )
    for stream in (1, 3, 5):
        driver.core.respond(stream, HEAD, b"x" * 131_072)
    sent = [f.stream for f in driver.frames(1 << 20) if f.kind == DATA]
    assert sent == [5] * 8 + [1] * 4 + [3] * 4 + [1] * 4 + [3] * 4


def test_streams_that_do_not_share_go_one_after_the_other() -> None:
    driver = Driver((4, 1 << 20))
    driver.feed(wire.window(0, 1 << 20), *(wire.request(s, (b"priority", b"u=3")) for s in (1, 3)))
    for stream in (1, 3):
        driver.core.respond(stream, HEAD, b"x" * 32_768)
    assert [f.stream for f in driver.frames() if f.kind == DATA] == [1, 1, 3, 3]


def test_trailers_follow_the_content() -> None:
    driver = Driver((4, 2))
    driver.feed(wire.request(1))
    driver.core.send_head(1, HEAD, end_stream=False)
    driver.core.send_data(1, b"abc")
    driver.core.send_trailers(1, encode(((b"x-sum", b"6"),)))
    assert [(f.kind, f.flags & END_STREAM) for f in driver.frames()] == [(HEADERS, 0), (DATA, 0)]
    driver.feed(wire.window(1, 5))
    assert [(f.kind, f.flags & END_STREAM) for f in driver.frames()] == [(DATA, 0), (HEADERS, END_STREAM)]


def test_a_long_head_is_continued() -> None:
    driver = Driver()
    driver.feed(wire.request(1))
    driver.core.respond(1, HEAD + encode(((b"x", b"\x01" * 40_000),)), b"")
    sent = kinds(driver)
    assert sent[0] == HEADERS
    assert set(sent[1:]) == {CONTINUATION}


def test_the_first_block_gives_the_dynamic_table_up() -> None:
    """RFC 7541 4.2: then no smaller SETTINGS_HEADER_TABLE_SIZE asks for anything."""
    driver = Driver((1, 0))
    driver.feed(wire.request(1), wire.request(3))
    driver.core.respond(1, HEAD, b"")
    driver.core.respond(3, HEAD, b"")
    assert [f.payload for f in driver.frames()] == [b"\x20" + HEAD, HEAD]


@pytest.mark.parametrize(
    "action",
    [
        lambda core: core.send_data(1, b"x"),
        lambda core: core.send_trailers(1, b""),
        lambda core: core.ping(b"short"),
        lambda core: core.altsvc(b"h3"),
        lambda core: core.altsvc(b"h3", b"https://x", 1),
    ],
)
def test_what_is_out_of_order_is_refused(action: Callable[[Connection], None]) -> None:
    driver = Driver()
    driver.feed(wire.request(1))
    with pytest.raises(ActionRefused):
        action(driver.core)
    assert driver.frames() == []


def test_no_interim_and_no_second_response_after_the_final_one() -> None:
    driver = Driver()
    driver.feed(wire.request(1))
    driver.core.send_informational(1, encode(((b":status", b"103"),)))
    driver.core.send_head(1, HEAD, end_stream=False)
    for action in (driver.core.send_informational, lambda s, b: driver.core.send_head(s, b, True)):
        with pytest.raises(ActionRefused):
            action(1, HEAD)


def test_nothing_is_sent_on_a_stream_that_is_gone() -> None:
    driver = Driver()
    driver.feed(wire.request(1), wire.reset(1))
    for action in (driver.core.reset, lambda s: driver.core.respond(s, HEAD, b"")):
        with pytest.raises(StreamGone):
            action(1)


def test_a_reset_drops_what_was_queued() -> None:
    driver = Driver((4, 0))
    driver.feed(wire.request(1))
    driver.core.respond(1, HEAD, b"never")
    driver.core.reset(1, 8)
    driver.feed(wire.window(1, 100))
    assert kinds(driver) == [HEADERS, RST_STREAM]


def test_windows_reopen_once_half_is_consumed() -> None:
    driver = Driver()
    driver.feed(wire.opened(1))
    half = driver.core.limits.stream_window // 2
    for _ in range(half // 16_384):
        driver.feed(wire.data(1, b"x" * 16_384, 0))
    driver.core.consumed(1, half - 1)
    assert driver.frames() == []
    driver.core.consumed(1, 1)
    assert [(f.kind, f.stream) for f in driver.frames()] == [(WINDOW_UPDATE, 1)]


def test_our_settings_hold_once_acknowledged() -> None:
    driver = Driver()
    driver.feed(wire.opened(1))
    driver.core.send_settings({4: 100})
    assert driver.core.local[4] == driver.core.limits.stream_window
    events = driver.feed(wire.SETTINGS_ACK)
    assert driver.only(SettingsAcknowledged, events).changes == ((4, 100),)
    driver.frames()
    driver.feed(wire.opened(3), wire.data(3, b"x" * 101))
    assert [(f.stream, f.code) for f in driver.frames() if f.kind == RST_STREAM] == [(3, 3)]


def test_a_graceful_stop_takes_two_steps() -> None:
    """RFC 9113 6.8: 2^31-1 and PING, then the real last stream."""
    driver = Driver()
    driver.feed(wire.request(1))
    driver.core.shut_down()
    first, ping = driver.frames()
    assert (first.kind, first.last_stream, ping.kind) == (GOAWAY, 2**31 - 1, PING)
    driver.feed(wire.request(3), wire.ping(ping.payload, wire.ACK))
    assert [f.last_stream for f in driver.frames()] == [3]
    assert driver.core.goaway_is_final
    assert driver.feed(wire.request(5)) == []
    assert set(driver.core.streams) == {1, 3}


def test_goaway_never_names_a_higher_stream() -> None:
    driver = Driver()
    driver.feed(wire.request(1), wire.request(3))
    driver.core.goaway(0, 1)
    with pytest.raises(ActionRefused):
        driver.core.goaway(0, 3)
    driver.core.goaway(0)
    assert [f.last_stream for f in driver.frames()] == [1, 1]


def test_a_promise_reserves_an_even_stream_and_is_answered() -> None:
    driver = Driver()
    driver.feed(wire.request(1))
    head = request_head(PUSHED, extended_connect=False)
    promised = driver.core.push(1, encode(PUSHED), head)
    assert promised == 2
    assert driver.core.respond(promised, HEAD, b"pushed") is True
    assert [f.stream for f in driver.frames()] == [1, 2, 2]


@pytest.mark.parametrize("settings", [(2, 0), (3, 0)], ids=["disabled", "none-at-once"])
def test_no_promise_that_the_client_does_not_want(settings: tuple[int, int]) -> None:
    driver = Driver(settings)
    driver.feed(wire.request(1))
    with pytest.raises(ActionRefused):
        driver.core.push(1, encode(PUSHED), request_head(PUSHED, extended_connect=False))


def test_a_refused_promise_is_just_a_reset() -> None:
    driver = Driver()
    driver.feed(wire.request(1))
    promised = driver.core.push(1, encode(PUSHED), request_head(PUSHED, extended_connect=False))
    assert driver.feed(wire.reset(promised)) == [StreamClosed(promised, 8, by_peer=True)]
    assert driver.core.peer_streams == 1


def test_all_that_share_get_their_turn_however_little_room_there_is() -> None:
    driver = Driver((4, 1 << 20))
    driver.feed(wire.window(0, 1 << 20), *(wire.request(stream) for stream in (1, 3, 5)))
    for stream in (1, 3, 5):
        driver.core.respond(stream, HEAD, b"x" * 131_072)
    driver.frames(1)
    seen = {f.stream for _ in range(3) for f in driver.frames(20_000) if f.kind == DATA}
    assert seen == {1, 3, 5}
