"""The streams of one HTTP/2 session: requests answered, tunnels opened, and what becomes of each.

A stream is pending while its target is resolved, judged and dialled, and a StreamTransport from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.http.reference.h2 import Connection, ErrorCode, events
from services.http.reference.h2.errors import code_name
from services.kit.journal import Connection as Line
from services.proxy.reference import answers
from services.proxy.reference.errors import Refusal
from services.proxy.reference.head import Head
from services.proxy.reference.http2_fields import as_head, block, opened
from services.proxy.reference.requests import Page, understand
from services.proxy.reference.server import Ask, Server
from services.proxy.reference.stream import Session, StreamTransport
from services.proxy.reference.target import Target
from services.proxy.reference.tunnel import ClientSide, Side

SESSION = 0
"""The stream under which the journal keeps what concerns the session as a whole."""


@dataclass(slots=True)
class Pending:
    """A stream whose target is being dialled; what comes meanwhile is kept, within the stream's window."""

    ask: Ask
    head: Head
    whole: bool
    early: list[events.DataReceived] = field(default_factory=list)
    task: asyncio.Task[None] = field(init=False)


class Host(Session, Protocol):
    """The session that the streams belong to."""

    core: Connection
    server: Server
    connection: Line


class Streams:
    """All of one session, and what its events mean for them."""

    def __init__(self, host: Host) -> None:
        self._host, self._server, self._core = host, host.server, host.core
        self._emit = host.server.journal.emit
        self._streams: dict[int, StreamTransport] = {}
        self._pending: dict[int, Pending] = {}

    def happened(self, event: object) -> None:
        """Acts on one event of the core."""
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    def break_off(self) -> None:
        """The session is lost, and every stream with it."""
        for stream_id in (*self._streams, *self._pending):
            self._on_closed(events.StreamClosed(stream_id, ErrorCode.CANCEL, by_peer=True))

    def _on_request(self, event: events.RequestReceived) -> None:
        stream_id = event.stream_id
        self._emit("stream", self._host.connection, stream_id)
        try:
            head = as_head(event.head, self._server.settings.name)
            wanted = understand(head)
        except Refusal as refusal:
            self._refuse(stream_id, refusal, event.head.method)
            return
        if isinstance(wanted, Target):
            pending = Pending(Ask(wanted, self._host.connection, stream_id), head, event.end_stream)
            self._pending[stream_id] = pending
            pending.task = asyncio.get_running_loop().create_task(self._open(stream_id, pending))
        else:
            self._page(stream_id, wanted, head)

    def _page(self, stream_id: int, page: Page, head: Head) -> None:
        self._emit("request", self._host.connection, stream_id, {"method": head.method})
        self._answer(stream_id, answers.page(200, page.text, page.fields), head.method.encode())

    def _refuse(self, stream_id: int, refusal: Refusal, method: bytes) -> None:
        self._server.refused(self._host.connection, stream_id, refusal)
        self._answer(stream_id, answers.refused(self._server.settings.name, refusal), method)

    def _answer(self, stream_id: int, answer: answers.Answer, method: bytes) -> None:
        body = b"" if method == b"HEAD" else answer.content or b""
        self._core.respond(stream_id, block(answer, self._server.now()), body)

    def _on_data(self, event: events.DataReceived) -> None:
        stream, pending = self._streams.get(event.stream_id), self._pending.get(event.stream_id)
        if stream is not None:
            stream.arrived(event.data, event.flow)
            if event.end_stream:
                stream.ended()
        elif pending is not None:
            pending.early.append(event)
            pending.whole = event.end_stream
        else:
            self._host.consumed(SESSION, event.flow)

    def _on_trailers(self, event: events.TrailersReceived) -> None:
        """On a connected stream only DATA is allowed (RFC 9113 8.5)."""
        if event.stream_id in self._core.streams:
            self._core.reset(event.stream_id, ErrorCode.PROTOCOL_ERROR)

    def _on_closed(self, event: events.StreamClosed) -> None:
        stream, pending = self._streams.pop(event.stream_id, None), self._pending.pop(event.stream_id, None)
        if stream is not None:
            broken = event.code != ErrorCode.NO_ERROR
            stream.closed(ConnectionResetError(code_name(event.code)) if broken else None)
        if pending is not None:
            self._forget(pending)
        self._emit("close", self._host.connection, event.stream_id, {"rstCode": event.code})

    def _on_goaway(self, event: events.GoawayReceived) -> None:
        self._emit("goaway", self._host.connection, SESSION, {"code": code_name(event.code)})

    def _on_failed(self, event: events.SessionFailed) -> None:
        data = {"code": code_name(event.code), "reason": event.reason, "clause": event.clause}
        self._emit("sessionError", self._host.connection, SESSION, data)

    # -- tunnels ----------------------------------------------------------------------------------

    async def _open(self, stream_id: int, pending: Pending) -> None:
        try:
            side = await self._server.open(pending.ask, pending.head.values(b"proxy-authorization"))
        except Refusal as refusal:
            del self._pending[stream_id]
            self._forget(pending)
            self._refuse(stream_id, refusal, b"CONNECT")
        else:
            del self._pending[stream_id]
            self._tunnel(stream_id, pending, side)
        self._host.flush_soon()

    def _tunnel(self, stream_id: int, pending: Pending, target: Side) -> None:
        """A target has been dialled for a stream that is still there."""
        settings = self._server.settings
        answer = opened(settings.name, target.address, int(self._server.now()))
        self._core.send_head(stream_id, answer, end_stream=False)
        transport = self._streams[stream_id] = StreamTransport(self._host, stream_id)
        client = ClientSide(settings.buffer)
        transport.set_protocol(client)
        client.adopt(transport)
        self._server.join(pending.ask, client, target, _nothing).start(b"")
        for event in pending.early:
            transport.arrived(event.data, event.flow)
        if pending.whole:
            transport.ended()

    def _forget(self, pending: Pending) -> None:
        """Nobody will read what came early: the session's window is for the other streams."""
        if pending.task is not asyncio.current_task():
            pending.task.cancel()
        for event in pending.early:
            self._host.consumed(SESSION, event.flow)


def _nothing() -> None:
    """A tunnel's end is not its session's."""


_HANDLERS: Mapping[type, Callable[[Streams, Any], None]] = {
    events.RequestReceived: Streams._on_request,
    events.RequestTooLarge: Streams._on_request,
    events.DataReceived: Streams._on_data,
    events.TrailersReceived: Streams._on_trailers,
    events.StreamClosed: Streams._on_closed,
    events.GoawayReceived: Streams._on_goaway,
    events.SessionFailed: Streams._on_failed,
}
