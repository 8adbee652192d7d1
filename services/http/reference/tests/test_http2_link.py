"""A session's times, its back-pressure and its end, made small (RFC 9113 5.2, 6.5.3, 6.8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from clients.http2 import Origin, Session, SessionEndedError, StreamResetError
from services.http.app.exchange import Exchange
from services.http.app.message import Response
from services.http.app.routing import Route, Router
from services.http.reference.h2 import Limits
from services.http.reference.http2 import Http2
from services.http.reference.http2_encoding import Heads
from services.http.reference.settings import HttpSettings
from services.http.reference.site import Site
from services.kit.journal import Filter, Journal
from tests.http2 import wire

GET = (b":method", b"GET"), (b":scheme", b"http"), (b":authority", b"h2c.wireyard.test")


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs."""

    site: Site
    origin: Origin
    journal: Journal

    def events(self, stream: int | None = None) -> list[str]:
        """The names of the events so far of one stream, or of the connection."""
        return [record[4] for record in self.journal.select(Filter()) if record[3] == stream]

    async def until(self, event: str) -> None:
        """Waits for an event."""
        assert await self.journal.wait(Filter(events=frozenset((event,))), 5.0), f"no {event}"


@asynccontextmanager
async def serving(*routes: Route, **settings: Any) -> AsyncIterator[Running]:
    """Serves `routes`, or the yard's own, under `settings`."""
    journal = Journal("h2c")
    site = Site(HttpSettings(role="h2c", port=0, **settings), journal, "h2c.wireyard.test")
    if routes:
        site.router = Router(routes)
    heads, limits = Heads(site), Limits()
    server = await site.loop.create_server(lambda: Http2(site, heads, limits), "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield Running(site, Origin("127.0.0.1", port, "h2c.wireyard.test"), journal)
    finally:
        server.close()
        await site.stop(0.0)


class Endless:
    """A handler that sends without end, and counts what it got rid of."""

    def __init__(self) -> None:
        self.sent = 0

    async def __call__(self, exchange: Exchange) -> Response | None:
        await exchange.start(200)
        while True:
            await exchange.send(bytes(16_384))
            self.sent += 16_384


def route(handler: Any) -> Route:
    async def call(exchange: Exchange) -> Response | None:
        answer: Response | None = await handler(exchange)
        return answer

    return Route(("GET", "POST"), "/", call, "", "")


async def test_settings_that_are_never_acknowledged_end_the_session() -> None:
    async with serving(head_within=0.1) as running:
        reader, writer = await asyncio.open_connection(running.origin.address, running.origin.port)
        writer.write(wire.PREFACE + wire.settings())
        frames = list(wire.frames(await reader.read()))
        assert (frames[-1].kind, frames[-1].code) == (wire.GOAWAY, wire.SETTINGS_TIMEOUT)
        writer.close()


async def test_an_idle_session_is_closed_gracefully() -> None:
    async with serving(idle_within=0.1) as running, Session(running.origin) as session:
        await session.get("/todos")
        with pytest.raises(SessionEndedError) as caught:
            await session.until(lambda: False, "end")
        assert (caught.value.code, caught.value.last_stream) == (0, 1)
        assert "timeout" in running.events(0)


async def test_a_request_whose_content_never_comes_is_cancelled_and_the_session_goes_on() -> None:
    async with serving(idle_within=0.1) as running, Session(running.origin) as session:
        call = await session.start("POST", "/echo")
        with pytest.raises(StreamResetError) as caught:
            await call.reply()
        assert caught.value.code == wire.CANCEL
        assert (await session.get("/todos")).status == 200


async def test_a_client_that_never_reads_holds_the_sender_and_is_cut_in_time() -> None:
    endless = Endless()
    async with serving(route(endless), write_within=0.3) as running:
        reader, writer = await asyncio.open_connection(running.origin.address, running.origin.port, limit=2)
        writer.write(wire.PREFACE + wire.settings((4, 2**31 - 1)) + wire.SETTINGS_ACK)
        writer.write(wire.window(0, 2**31 - 65_536) + wire.request(1, fields=(*GET, (b":path", b"/"))))
        await running.until("timeout")
        held = endless.sent
        await running.until("aborted")
        assert endless.sent == held < 16_000_000
        assert not reader.at_eof()
        writer.close()


async def test_a_client_that_grants_no_window_holds_the_sender() -> None:
    endless = Endless()
    async with serving(route(endless)) as running, Session(running.origin, settings={4: 10_000}) as session:
        call = await session.start("GET", "/", end=True)
        await call.head()
        await session.ping()
        assert endless.sent <= 65_536 + 2 * 16_384
        await call.reset()


async def test_content_that_nobody_takes_holds_the_client() -> None:
    waiting = asyncio.Event()

    async def slow(exchange: Exchange) -> Response | None:
        await waiting.wait()
        size = 0
        while piece := await exchange.receive():
            size += len(piece)
        return Response(200, (), b"%d" % size)

    async with serving(route(slow)) as running, Session(running.origin) as session:
        call = await session.start("POST", "/")
        upload = asyncio.create_task(call.upload(b"x" * 1_000_000))
        await session.ping()
        await session.ping()
        assert session.engine.local_flow_control_window(call.stream) < 16_384
        waiting.set()
        await upload
        assert (await call.reply()).body == b"1000000"


async def test_a_handler_that_fails_is_500_and_one_that_forgets_is_reset() -> None:
    async def fail(_: Exchange) -> Response | None:
        raise ZeroDivisionError

    async def forget(_: Exchange) -> Response | None:
        return None

    async with serving(route(fail)) as running, Session(running.origin) as session:
        assert (await session.get("/")).status == 500
    async with serving(route(forget)) as running, Session(running.origin) as session:
        with pytest.raises(StreamResetError) as caught:
            await session.get("/")
        assert caught.value.code == wire.INTERNAL_ERROR


async def test_a_handler_ends_when_its_client_has_gone() -> None:
    ended = asyncio.Event()

    async def wait(_: Exchange) -> Response | None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return None

    async with serving(route(wait)) as running, Session(running.origin) as session:
        call = await session.start("GET", "/", end=True)
        await session.ping()
        await call.reset()
        async with asyncio.timeout(5):
            await ended.wait()


async def test_stopping_lets_streams_finish_and_takes_no_new_ones() -> None:
    async with serving() as running, Session(running.origin) as session:
        slow = await session.start("GET", "/delay/0.2", end=True)
        await session.ping()
        stopping = asyncio.create_task(running.site.stop(5.0))
        await session.until(lambda: len(session.goaways) == 2, "the second GOAWAY")
        late = await session.start("GET", "/todos", end=True)
        assert (await slow.reply()).status == 200
        async with asyncio.timeout(5):
            await stopping
        assert [goaway.last_stream for goaway in session.goaways] == [2**31 - 1, 1]
        assert late.status is None
        assert running.events(1) == ["stream", "request", "finish", "close"]


async def test_stopping_cuts_what_does_not_finish() -> None:
    async with serving() as running, Session(running.origin) as session:
        call = await session.start("GET", "/delay/9", end=True)
        await session.ping()
        await running.site.stop(0.05)
        with pytest.raises(SessionEndedError):
            await call.reply()
        await running.until("aborted")


async def test_one_connection_too_many_is_dropped() -> None:
    async with serving(connections=1) as running, Session(running.origin) as first:
        await first.get("/todos")
        second = Session(running.origin)
        await second.open()
        with pytest.raises(SessionEndedError):
            await second.get("/todos")
        await second.close()
        assert "dropConnection" in running.events()


async def test_frames_are_told_from_the_start_where_the_setting_says_so() -> None:
    async with serving(frames=True) as running, Session(running.origin) as session:
        await session.get("/todos")
        assert "frame" in running.events(1)


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(wire.request(1, fields=(*GET, (b":path", b"/download/1000000"))), id="no-window"),
        pytest.param(wire.opened(1), id="half-a-request"),
    ],
)
async def test_a_client_that_has_closed_leaves_nothing_behind(left: bytes) -> None:
    """After its FIN neither WINDOW_UPDATE nor content can come."""
    async with serving() as running:
        reader, writer = await asyncio.open_connection(running.origin.address, running.origin.port)
        writer.write(wire.PREFACE + wire.settings() + wire.SETTINGS_ACK + left)
        writer.write_eof()
        async with asyncio.timeout(5):
            await reader.read()
        writer.close()
        await running.until("aborted")


async def test_a_client_that_has_closed_its_side_is_still_answered() -> None:
    async with serving() as running:
        reader, writer = await asyncio.open_connection(running.origin.address, running.origin.port)
        asked = wire.request(1, fields=(*GET, (b":path", b"/delay/0.1")))
        writer.write(wire.PREFACE + wire.settings() + wire.SETTINGS_ACK + asked)
        writer.write_eof()
        async with asyncio.timeout(5):
            sent = list(wire.frames(await reader.read()))
        assert any(frame.kind == wire.HEADERS and frame.stream == 1 for frame in sent)
        writer.close()


async def test_a_stream_that_was_answered_leaves_nothing_behind() -> None:
    async with serving() as running, Session(running.origin) as session:
        for _ in range(3):
            assert (await session.post("/todos", b'{"name": "lisi"}')).status == 200
        (served,) = running.site.connections
        assert isinstance(served, Http2)
        assert (served.exchanges, served.waiting) == ({}, {})


async def test_content_that_its_handler_did_not_read_is_given_back_to_the_session() -> None:
    async def hasty(exchange: Exchange) -> Response:
        await exchange.receive()
        return Response(200)

    route = Route(("POST",), "/hasty", hasty, "reads one piece", "echo")
    async with serving(route) as running, Session(running.origin) as session:
        for _ in range(40):
            assert (await session.post("/hasty", bytes(50_000))).status == 200


async def test_a_request_that_is_reset_within_the_same_read_is_not_begun() -> None:
    def asked(stream: int) -> bytes:
        return wire.request(stream, fields=wire.changed(wire.GET, path=b"/"))

    begun = list[int]()

    async def handler(exchange: Exchange) -> Response:
        assert exchange.stream is not None
        begun.append(exchange.stream)
        return Response(200, (), b"answer")

    async with serving(route(handler)) as running:
        reader, writer = await asyncio.open_connection(running.origin.address, running.origin.port)
        writer.write(wire.PREFACE + wire.settings() + asked(1) + wire.reset(1, 8) + asked(3))
        await running.until("finish")
        assert begun == [3]
        assert running.events(1)[-2:] == ["aborted", "close"]
        writer.close()
        await reader.read()
