"""The loop side of one HTTP/2 connection to the proxy: each CONNECT stream is a tunnel (RFC 9113 8.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from services.http.reference.h2 import Connection, ErrorCode, Limits, events
from services.http.reference.h2.compression import encode
from services.http.reference.h2.errors import code_name
from services.http.reference.h2.headers import RequestHead
from services.http.reference.h2.settings import Setting
from services.kit.journal import Connection as Line
from services.kit.names import ends
from services.proxy.reference import answers
from services.proxy.reference.errors import Refusal
from services.proxy.reference.head import Head
from services.proxy.reference.requests import Page, understand
from services.proxy.reference.server import Ask, Server
from services.proxy.reference.stream import StreamTransport
from services.proxy.reference.target import Target
from services.proxy.reference.tunnel import ClientSide, Side

SESSION = 0
"""The stream under which the journal keeps what concerns the session as a whole."""
LIMITS = Limits(concurrent_streams=1000)
_ROOM = 262_144
_TURNS = 4


@dataclass(slots=True)
class Opening:
    """A stream whose target is being dialled; what comes meanwhile is kept, within the stream's window."""

    ask: Ask
    head: Head
    whole: bool
    early: list[events.DataReceived] = field(default_factory=list)
    task: asyncio.Task[None] = field(init=False)


class Http2(asyncio.Protocol):
    """One session. Reading stops while the client does not read, so nothing piles up here."""

    transport: asyncio.Transport
    connection: Line

    def __init__(self, server: Server) -> None:
        self._server, self._emit = server, server.journal.emit
        self.core = Connection(LIMITS)
        self.full: set[StreamTransport] = set()
        """Streams whose queue is full."""
        self._streams: dict[int, StreamTransport] = {}
        self._opening: dict[int, Opening] = {}
        self._paused = self._flushing = self._stopping = self._lost = False
        self._refilled = 0.0

    # -- what the transport tells -----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins with the server's preface; extended CONNECT (RFC 8441) is not offered."""
        self.transport = cast("asyncio.Transport", transport)
        known = transport.get_extra_info("connection")
        self.connection = known or self._server.journal.open(*ends(transport))
        self._server.clients.add(self)
        self._emit("session", self.connection, SESSION)
        self.core.send_settings(
            {
                Setting.MAX_CONCURRENT_STREAMS: LIMITS.concurrent_streams,
                Setting.INITIAL_WINDOW_SIZE: LIMITS.stream_window,
                Setting.MAX_HEADER_LIST_SIZE: LIMITS.field_section,
            }
        )
        self.core.set_session_window(LIMITS.session_window)
        self._pump()

    def data_received(self, data: bytes) -> None:
        """Frames, in any pieces."""
        now = asyncio.get_running_loop().time()
        if now - self._refilled >= 1.0:
            self.core.refill(now - self._refilled)
            self._refilled = now
        self.core.feed(data)
        self._pump()

    def eof_received(self) -> bool:
        """Without the client's frames no tunnel can go on."""
        return False

    def pause_writing(self) -> None:
        """The client does not read: take nothing more from it, and nothing more from the targets."""
        self._paused = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._paused = False
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self.flush_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """Every tunnel breaks with the session, then the session ends, then the connection."""
        self._lost = True
        self._server.clients.discard(self)
        for stream_id in (*self._streams, *self._opening):
            self._on_closed(events.StreamClosed(stream_id, ErrorCode.CANCEL, by_peer=True))
        if exc is not None:
            self._emit("error", self.connection, None, {"message": str(exc)})
        self._emit("close", self.connection, SESSION, {"session": True})
        self._server.journal.close(self.connection)

    # -- what the service and the streams ask -----------------------------------------------------

    def close(self) -> None:
        """The service stops: no new streams, and the end after the last one (RFC 9113 6.8)."""
        self._stopping = True
        self.core.shut_down()
        self.flush_soon()

    def queued(self, stream_id: int) -> int:
        """Octets that wait in a stream for window."""
        stream = self.core.streams.get(stream_id)
        return 0 if stream is None else stream.pending_size

    def consumed(self, stream_id: int, size: int) -> None:
        """Content has been passed on: the windows reopen."""
        if size and not self._lost:
            self.core.consumed(stream_id, size)
            self.flush_soon()

    def flush_soon(self) -> None:
        """Writes at the end of this turn of the loop, once for all that it brings."""
        if not self._flushing and not self._lost:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if not self._lost:
            self._pump()

    def _pump(self) -> None:
        for _ in range(_TURNS):
            self._dispatch()
            data = b"" if self._paused else self.core.take(_ROOM)
            if not data:
                break
            self.transport.write(data)
            for stream in tuple(self.full):
                stream.drained()
        else:
            self.flush_soon()
        if self.core.over or (self._stopping and not self.core.streams):
            self.transport.close()

    # -- events -----------------------------------------------------------------------------------

    def _dispatch(self) -> None:
        while happened := self.core.take_events():
            for event in happened:
                handler = _HANDLERS.get(type(event))
                if handler is not None:
                    handler(self, event)

    def _on_request(self, event: events.RequestReceived) -> None:
        stream_id = event.stream_id
        self._emit("stream", self.connection, stream_id)
        try:
            head = as_head(event.head, self._server.settings.name)
            wanted = understand(head)
        except Refusal as refusal:
            self._refuse(stream_id, refusal, event.head.method)
            return
        if isinstance(wanted, Target):
            opening = Opening(Ask(wanted, self.connection, stream_id), head, event.end_stream)
            self._opening[stream_id] = opening
            opening.task = asyncio.get_running_loop().create_task(self._open(stream_id, opening))
        else:
            self._page(stream_id, wanted, head)

    def _page(self, stream_id: int, page: Page, head: Head) -> None:
        self._emit("request", self.connection, stream_id, {"method": head.method})
        self._answer(stream_id, answers.page(200, page.text, page.fields), head.method.encode())

    def _refuse(self, stream_id: int, refusal: Refusal, method: bytes) -> None:
        self._server.refused(self.connection, stream_id, refusal)
        self._answer(stream_id, answers.refused(self._server.settings.name, refusal), method)

    def _answer(self, stream_id: int, answer: answers.Answer, method: bytes) -> None:
        body = b"" if method == b"HEAD" else answer.content or b""
        self.core.respond(stream_id, block(answer, self._server.now()), body)

    def _on_data(self, event: events.DataReceived) -> None:
        stream, opening = self._streams.get(event.stream_id), self._opening.get(event.stream_id)
        if stream is not None:
            stream.arrived(event.data, event.flow)
            if event.end_stream:
                stream.ended()
        elif opening is not None:
            opening.early.append(event)
            opening.whole = event.end_stream
        else:
            self.consumed(SESSION, event.flow)

    def _on_trailers(self, event: events.TrailersReceived) -> None:
        """On a connected stream only DATA is allowed (RFC 9113 8.5)."""
        if event.stream_id in self.core.streams:
            self.core.reset(event.stream_id, ErrorCode.PROTOCOL_ERROR)

    def _on_closed(self, event: events.StreamClosed) -> None:
        stream, opening = self._streams.pop(event.stream_id, None), self._opening.pop(event.stream_id, None)
        if stream is not None:
            broken = event.code != ErrorCode.NO_ERROR
            stream.closed(ConnectionResetError(code_name(event.code)) if broken else None)
        if opening is not None:
            self._forget(opening)
        self._emit("close", self.connection, event.stream_id, {"rstCode": event.code})

    def _on_goaway(self, event: events.GoawayReceived) -> None:
        self._emit("goaway", self.connection, SESSION, {"code": code_name(event.code)})

    def _on_failed(self, event: events.SessionFailed) -> None:
        data = {"code": code_name(event.code), "reason": event.reason, "clause": event.clause}
        self._emit("sessionError", self.connection, SESSION, data)

    # -- tunnels ----------------------------------------------------------------------------------

    async def _open(self, stream_id: int, opening: Opening) -> None:
        try:
            side = await self._server.open(opening.ask, opening.head.values(b"proxy-authorization"))
        except Refusal as refusal:
            del self._opening[stream_id]
            self._forget(opening)
            self._refuse(stream_id, refusal, b"CONNECT")
        else:
            del self._opening[stream_id]
            self._tunnel(stream_id, opening, side)
        self.flush_soon()

    def _tunnel(self, stream_id: int, opening: Opening, target: Side) -> None:
        """A target has been dialled for a stream that is still there."""
        settings = self._server.settings
        answer = block(answers.established(settings.name, target.address), self._server.now())
        self.core.send_head(stream_id, answer, end_stream=False)
        transport = self._streams[stream_id] = StreamTransport(self, stream_id)
        client = ClientSide(settings.buffer)
        transport.set_protocol(client)
        client.adopt(transport)
        self._server.join(opening.ask, client, target, _nothing).start(b"")
        for event in opening.early:
            transport.arrived(event.data, event.flow)
        if opening.whole:
            transport.ended()

    def _forget(self, opening: Opening) -> None:
        """Nobody will read what came early: the session's window is for the other streams."""
        if opening.task is not asyncio.current_task():
            opening.task.cancel()
        for event in opening.early:
            self.consumed(SESSION, event.flow)


def _nothing() -> None:
    """A tunnel's end is not its session's."""


def as_head(head: RequestHead, name: str) -> Head:
    """An HTTP/2 request in the terms of HTTP/1.1; one that is not for the proxy itself has absolute-form."""
    if head.method == b"CONNECT":
        target = head.authority
    elif (head.authority.rpartition(b":")[0] or head.authority) in (b"", name.encode()):
        target = head.path
    else:
        target = head.scheme + b"://" + head.authority + head.path
    return Head(head.method.decode(), target.decode("latin-1"), (1, 1), head.fields)


def block(answer: answers.Answer, now: float) -> bytes:
    """The field block of `answer`."""
    fields = (answers.date(now), *answer.fields)
    named = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in fields)
    return encode(((b":status", str(answer.status).encode()), *named))


_HANDLERS: Mapping[type, Callable[[Http2, Any], None]] = {
    events.RequestReceived: Http2._on_request,
    events.RequestTooLarge: Http2._on_request,
    events.DataReceived: Http2._on_data,
    events.TrailersReceived: Http2._on_trailers,
    events.StreamClosed: Http2._on_closed,
    events.GoawayReceived: Http2._on_goaway,
    events.SessionFailed: Http2._on_failed,
}
