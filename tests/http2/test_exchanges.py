"""Requests and responses over HTTP/2: content both ways, interim responses, trailers, tunnels, windows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from wsproto.connection import Connection as WebSocket
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, TextMessage

from clients.http2 import Call, Origin, Session, StreamResetError

rfc, feature = pytest.mark.rfc, pytest.mark.feature
pytestmark = pytest.mark.role("h2c", "h2")

INITIAL_WINDOW_SIZE = 4


@feature("todos")
async def test_the_tutorials_request(session: Session) -> None:
    assert (await session.get("/todos?name=zhangsan")).json() == [{"name": "birth", "introduce": "过生日"}]


@feature("todos-early")
async def test_an_answer_may_come_before_the_request_has_ended(session: Session) -> None:
    """Teaching clients end the request once the answer has come."""
    call = await session.start("POST", "/todos")
    await call.send(b'{"name": "lisi"}')
    reply = await call.reply()
    assert reply.json()[0]["name"] == "hospital"
    await call.end()
    assert await call.closed() == 0


@rfc("9113", "8.1")
@feature("h2-request-trailers")
async def test_trailers_of_a_request(session: Session) -> None:
    reply = await session.request("POST", "/echo", body=b"abc", trailers=((b"x-sum", b"6"),))
    assert reply.json()["trailers"] == [["x-sum", "6"]]


@rfc("9110", "6.5.1")
@feature("h2-messages", "echo")
@pytest.mark.parametrize("trailer", [(b"content-length", b"99"), (b"host", b"elsewhere.wireyard.test")])
async def test_trailers_neither_frame_nor_route_a_request(
    session: Session, trailer: tuple[bytes, bytes]
) -> None:
    """Its stream is reset, or they are kept apart from its fields."""
    told: dict[str, Any] = {"body": "abc", "fields": []}
    with suppress(StreamResetError):
        told = (await session.request("POST", "/echo", body=b"abc", trailers=(trailer,))).json()
    assert told["body"] == "abc"
    assert list(map(bytes.decode, trailer)) not in told["fields"]
    assert (await session.get("/todos")).status == 200


@rfc("9113", "8.1")
@feature("response-trailers")
async def test_trailers_of_a_response(session: Session) -> None:
    reply = await session.get("/trailers?x-sum=6")
    assert (b"x-sum", b"6") in reply.trailers


@rfc("9110", "15.2")
@feature("h2-interim")
async def test_interim_responses(session: Session) -> None:
    reply = await session.get("/interim/102,103")
    assert [interim.status for interim in reply.interims] == [102, 103]
    assert reply.status == 200


@rfc("9110", "10.1.1")
@feature("h2-expect-continue")
@pytest.mark.parametrize("expectation", [b"100-continue", b"100-Continue, 100-continue"])
async def test_content_is_asked_for_by_100_continue(session: Session, expectation: bytes) -> None:
    call = await session.start("POST", "/echo", ((b"expect", expectation),))
    assert (await call.interim()).status == 100
    await call.send(b"content", end=True)
    assert (await call.reply()).json()["body"] == "content"


@rfc("9110", "10.1.1")
@feature("h2-expect-unknown")
async def test_another_expectation_is_417(session: Session) -> None:
    assert (await session.request("POST", "/echo", ((b"expect", b"tea"),), b"x")).status == 417


@rfc("9110", "9.3.2")
@feature("index")
async def test_head_has_the_length_and_no_content(session: Session) -> None:
    get = await session.get("/bytes/1000")
    head = await session.request("HEAD", "/bytes/1000")
    assert (head.value("content-length"), head.body) == (get.value("content-length"), b"")


@rfc("9113", "6.9")
@feature("streaming")
async def test_uploads_and_downloads_pass_windows_of_64_kib(session: Session) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    up = await session.post("/upload", pieces())
    assert up.status == 200
    assert len((await session.get("/download/3000000")).body) == 3_000_000


@rfc("9113", "6.9.2")
@feature("streaming")
async def test_a_window_of_zero_holds_the_content_back_until_it_opens(origin: Origin) -> None:
    async with Session(origin, settings={INITIAL_WINDOW_SIZE: 0}) as session:
        call = await session.start("GET", "/bytes/10", end=True)
        assert (await call.head()).status == 200
        await session.ping()
        assert not call.ended
        await session.update_settings({INITIAL_WINDOW_SIZE: 100})
        assert len((await call.reply()).body) == 10


@rfc("9113", "5.2.1")
@feature("h2-multiplexing")
async def test_a_stream_that_nobody_reads_holds_up_no_other(origin: Origin) -> None:
    """Its own window is full; the session's has room for the others."""
    async with Session(origin, settings={INITIAL_WINDOW_SIZE: 20_000}) as session:
        await session.start("GET", "/download/10000000", end=True)
        await asyncio.gather(*(session.get("/todos?name=lisi") for _ in range(50)))


@rfc("9113", "8.1")
@feature("h2-early-error")
async def test_an_early_error_is_read_although_the_upload_is_not(session: Session) -> None:
    """413 comes whole, and the session goes on."""
    call = await session.start("POST", "/echo")
    upload = asyncio.ensure_future(call.send(b"x" * 3_000_000))
    try:
        assert (await call.reply()).status == 413
    finally:
        upload.cancel()
    assert (await session.get("/todos?name=lisi")).status == 200


@feature("reset-on-purpose")
async def test_an_answer_is_broken_off(session: Session) -> None:
    with pytest.raises(StreamResetError) as caught:
        await session.get("/wire/reset-stream?code=5")
    assert caught.value.code == 5


@rfc("9113", "10.5.1")
@feature("h2-limits")
async def test_fields_larger_than_the_server_takes_are_431(session: Session) -> None:
    many = tuple((b"x-%d" % i, b"y" * 3_000) for i in range(12))
    assert (await session.get("/todos", many)).status == 431
    assert (await session.get("/todos")).status == 200


@rfc("9113", "8.5")
@feature("h2-tunnel")
async def test_connect_makes_a_stream_a_tunnel(session: Session) -> None:
    call = await session.start("CONNECT", "echo.wireyard.test:7")
    assert (await call.head()).status == 200
    await call.send(b"ping", end=True)
    assert (await call.reply()).body == b"ping"


@rfc("9113", "8.5")
@feature("connect-elsewhere")
async def test_connect_to_elsewhere_is_refused(session: Session) -> None:
    call = await session.start("CONNECT", "other.test:80", end=True)
    assert (await call.reply()).status == 403


@rfc("8441", "5")
@feature("h2-tunnel")
async def test_websocket_over_extended_connect(session: Session) -> None:
    """The setting is there before anybody asks, and the messages come back."""
    await session.ping()
    assert session.engine.remote_settings.enable_connect_protocol == 1
    call = await session.start("CONNECT", "/websocket/echo", _WEBSOCKET, protocol="websocket")
    assert (await call.head()).status == 200
    socket = WebSocket(ConnectionType.CLIENT)
    await call.send(socket.send(TextMessage("你好")))
    assert await _next(call, socket) == TextMessage("你好")
    await call.send(socket.send(CloseConnection(1000)))
    assert isinstance(await _next(call, socket), CloseConnection)


@rfc("9220", "3")
@feature("h2-tunnel")
@pytest.mark.parametrize(
    ("protocol", "version"),
    [("tea", b"13"), ("websocket", b"8")],
    ids=["another protocol", "another version"],
)
async def test_a_protocol_that_is_not_known_is_501(session: Session, protocol: str, version: bytes) -> None:
    """426 would have to name one in Upgrade, a field that HTTP/2 does not have."""
    await session.ping()
    fields = ((b"sec-websocket-version", version),)
    call = await session.start("CONNECT", "/websocket/echo", fields, protocol=protocol, end=True)
    assert (await call.reply()).status == 501


_WEBSOCKET = ((b"sec-websocket-version", b"13"),)


async def _next(call: Call, socket: WebSocket) -> object:
    while True:
        for event in socket.events():
            return event
        piece = await anext(call.pieces(), None)
        assert piece is not None, "the stream ended without a message"
        socket.receive_data(piece)


@rfc("9110", "14.2")
@feature("files")
async def test_a_file_is_known_by_its_stat_and_comes_in_ranges(session: Session) -> None:
    whole = await session.get("/h2/file/index.html")
    part = await session.get("/h2/file/index.html", ((b"range", b"bytes=2-9"),))
    assert (part.status, part.body) == (206, whole.body[2:10])
    known = ((b"if-none-match", (whole.value("etag") or "").encode()),)
    assert (await session.get("/h2/file/index.html", known)).status == 304
    assert whole.value("last-modified") is not None
    assert (await session.get("/h2/file/missing.html")).status == 404


@rfc("9113", "5")
@feature("h2-multiplexing", "timing")
async def test_many_streams_at_once(session: Session) -> None:
    targets = [f"/delay/{(i % 5) / 50}" for i in range(60)]
    replies = await asyncio.gather(*map(session.get, targets))
    assert [reply.status for reply in replies] == [200] * 60
