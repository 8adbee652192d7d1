"""The application as an ASGI server sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.http.app.exchange import Server
from services.http.asgi.application import Application
from services.http.asgi.scope import request_of
from services.kit.journal import Filter, Journal


class Caller:
    """Plays the ASGI server: hands out messages, then the disconnect when it is asked for."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.journal = Journal("http1")
        self.messages = list(messages)
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> Any:
        if not self.messages:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        return self.messages.pop(0)

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def call(self, scope: dict[str, Any]) -> None:
        app = Application(Server("http1", "http1.wireyard.test", "test", self.journal))
        async with asyncio.timeout(5):
            await app(scope, self.receive, self.send)

    @property
    def events(self) -> list[str]:
        return [record[4] for record in self.journal.select(Filter())]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def scope(method: str = "GET", path: str = "/", **more: Any) -> dict[str, Any]:
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"Host", b"h1.test")],
        "client": ("192.0.2.1", 40000),
        "server": ("192.0.2.2", 80),
        **more,
    }


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_whole_response_has_its_length() -> None:
    caller = Caller(part(b""))
    await caller.call(scope(path="/todos?name=lisi"))
    start, *_ = caller.sent
    assert (b"content-length", b"%d" % len(caller.body)) in start["headers"]
    assert caller.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert caller.events == ["request", "finish"]


async def test_a_body_in_pieces_reaches_the_handler() -> None:
    caller = Caller(part(b'{"name":', more=True), part(b'"lisi"}'))
    await caller.call(scope("POST", "/todos"))
    assert "医院复诊".encode() in caller.body


async def test_the_rest_of_a_body_answered_early_is_drained() -> None:
    caller = Caller(part(b'{"name":"lisi"}', more=True), part(b" " * 100, more=True), part(b""))
    await caller.call(scope("POST", "/todos"))
    assert caller.messages == []


async def test_a_client_that_leaves_before_its_body_ends_is_journalled() -> None:
    caller = Caller(part(b"x", more=True))
    caller.gone.set()
    await caller.call(scope("POST", "/echo"))
    assert caller.sent == []
    assert caller.events == ["request", "aborted"]


async def test_head_has_the_length_but_no_content() -> None:
    """RFC 9110 9.3.2. Not every server drops it."""
    caller = Caller(part(b""))
    await caller.call(scope("HEAD", "/todos?name=lisi"))
    assert (b"content-length", b"48") in caller.sent[0]["headers"]
    assert caller.body == b""


@pytest.mark.parametrize(("status", "path", "method"), [(404, "/nowhere", "GET"), (405, "/todos", "PUT")])
async def test_what_no_route_answers(status: int, path: str, method: str) -> None:
    caller = Caller(part(b""))
    await caller.call(scope(method, path))
    assert caller.sent[0]["status"] == status


async def test_lifespan_is_answered() -> None:
    caller = Caller({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    await caller.call({"type": "lifespan"})
    assert [message["type"] for message in caller.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_websocket_messages_come_back_as_they_were() -> None:
    caller = Caller(
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "héllo", "bytes": None},
        {"type": "websocket.receive", "text": None, "bytes": b"\0\1"},
        {"type": "websocket.disconnect", "code": 1000},
    )
    await caller.call({**scope(path="/websocket/echo"), "type": "websocket"})
    assert caller.sent[1:] == [
        {"type": "websocket.send", "text": "héllo"},
        {"type": "websocket.send", "bytes": b"\0\1"},
    ]


async def test_websocket_anywhere_else_is_refused() -> None:
    caller = Caller({"type": "websocket.connect"})
    await caller.call({**scope(path="/todos"), "type": "websocket"})
    assert caller.sent == [{"type": "websocket.close"}]


def test_http2_authority_is_not_among_the_fields() -> None:
    made = request_of(scope(http_version="2", headers=[(b"host", b"h2.test"), (b"accept", b"*/*")]))
    assert (made.version, made.authority, made.fields) == ("2", "h2.test", ((b"accept", b"*/*"),))


def test_the_target_keeps_its_query() -> None:
    assert request_of(scope(path="/todos?name=%E5%BC%A0")).target == b"/todos?name=%E5%BC%A0"
