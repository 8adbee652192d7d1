"""The client against a server made of the `h2` library in this process: errors, windows, GOAWAY."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

from clients.http2 import (
    ConnectError,
    Origin,
    Session,
    SessionEndedError,
    StreamResetError,
    TimedOutError,
)

Answer = Callable[[H2Connection, Event], None]


def reply(server: H2Connection, event: Event) -> None:
    """200 with the request's content."""
    if isinstance(event, DataReceived):
        server.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
    if isinstance(event, StreamEnded):
        server.send_headers(event.stream_id or 0, [(":status", "200")])
        server.send_data(event.stream_id or 0, b"done", end_stream=True)


def refuse(server: H2Connection, event: Event) -> None:
    if isinstance(event, RequestReceived):
        server.reset_stream(event.stream_id or 0, 7)


def leave(server: H2Connection, event: Event) -> None:
    if isinstance(event, RequestReceived):
        server.close_connection(0xB, b"calm", 0)


def ignore(_server: H2Connection, _event: Event) -> None:
    """Says nothing."""


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Answer], asyncio.Future[Origin]]]:
    servers: list[asyncio.Server] = []

    async def start(answer: Answer) -> Origin:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            server = H2Connection(H2Configuration(client_side=False))
            server.initiate_connection()
            writer.write(server.data_to_send())
            with suppress(ProtocolError):  # the library's server takes nothing after its GOAWAY
                while data := await reader.read(65_536):
                    for event in server.receive_data(data):
                        answer(server, event)
                    writer.write(server.data_to_send())
            writer.close()

        servers.append(await asyncio.start_server(handle, "127.0.0.1", 0))
        return Origin("127.0.0.1", servers[-1].sockets[0].getsockname()[1], "h2c.wireyard.test")

    yield lambda answer: asyncio.ensure_future(start(answer))
    for server in servers:
        server.close()


async def test_a_reply_is_whole(serve: Callable[[Answer], asyncio.Future[Origin]]) -> None:
    async with Session(await serve(reply)) as session:
        answer = await session.get("/")
        assert (answer.status, answer.body, answer.stream) == (200, b"done", 1)


async def test_content_beyond_the_window_is_sent_as_it_opens(
    serve: Callable[[Answer], asyncio.Future[Origin]],
) -> None:
    async with Session(await serve(reply)) as session:
        assert (await session.post("/", b"x" * 300_000)).status == 200


async def test_a_refused_stream_leaves_the_session(serve: Callable[[Answer], asyncio.Future[Origin]]) -> None:
    async with Session(await serve(refuse)) as session:
        with pytest.raises(StreamResetError, match="REFUSED_STREAM") as caught:
            await session.get("/")
        assert caught.value.code == 7
        assert await session.ping() > 0


async def test_goaway_is_told_with_code_and_debug(serve: Callable[[Answer], asyncio.Future[Origin]]) -> None:
    async with Session(await serve(leave)) as session:
        with pytest.raises(SessionEndedError, match="ENHANCE_YOUR_CALM calm") as caught:
            await session.get("/")
        assert (caught.value.code, caught.value.last_stream) == (0xB, 0)


async def test_silence_is_an_error_in_time(serve: Callable[[Answer], asyncio.Future[Origin]]) -> None:
    async with Session(await serve(ignore), within=0.05) as session:
        with pytest.raises(TimedOutError, match="no content within") as caught:
            await session.get("/")
        assert caught.value.waiting_for == "content"


async def test_nobody_there_is_an_error_of_connecting() -> None:
    with pytest.raises(ConnectError, match="port 1"):
        await Session(Origin("127.0.0.1", 1, "nobody.test")).open()


async def test_a_closed_session_takes_no_requests(serve: Callable[[Answer], asyncio.Future[Origin]]) -> None:
    async with Session(await serve(reply)) as session:
        await session.get("/")
    with pytest.raises(SessionEndedError):
        await session.get("/")
