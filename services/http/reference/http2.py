"""HTTP/2 on asyncio: feeds the core, writes what it gives, and lets the application answer.

One `Http2` is one session. Everything that one read brings is answered with one write. Reading stops
while the peer does not read, so that neither content nor control frames pile up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from services.http.app.errors import ClientGone
from services.http.app.message import Request, Response, problem
from services.http.app.routing import Immediate, Match, answer
from services.http.reference.h2 import Connection, ErrorCode, Limits, events
from services.http.reference.h2.headers import RequestHead
from services.http.reference.http2_encoding import Heads
from services.http.reference.http2_events import SESSION, note
from services.http.reference.http2_exchange import LOW_WATER, Http2Exchange
from services.http.reference.site import Site
from services.kit.journal import Connection as Line
from services.kit.names import ends

_ROOM = 262_144
_TURNS = 4
_PLANS = 512
_CLEAN: Mapping[str, object] = {"rstCode": 0}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a request head: worked out once for equal heads.

    `event` and `seen` are what the journal says of it; `simple` is the handler of a request that can be
    answered from its head alone.
    """

    request: Request
    match: Match | Response
    event: str
    seen: Mapping[str, object]
    simple: Immediate | None


class Http2(asyncio.Protocol):
    """The protocol object of one session."""

    connection: Line
    transport: asyncio.Transport

    def __init__(self, site: Site, heads: Heads, limits: Limits) -> None:
        self.site = site
        self.heads = heads
        self.deadline = site.now + site.settings.head_within
        self.core = Connection(limits)
        self.exchanges: dict[int, Http2Exchange] = {}
        self.waiting: dict[int, Http2Exchange] = {}
        """Exchanges whose sender waits for room."""
        self._emit = site.journal.emit
        self._plans: dict[RequestHead, Plan] = {}
        self._tasks: dict[asyncio.Task[None], Http2Exchange] = {}
        self._refilled = site.now
        self._open = False
        self._paused = False
        self._flushing = False
        self._stopping = False
        self._ended = False
        self._lingering = False

    # What the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there: begin with our preface (RFC 9113 3.4)."""
        self.transport = cast("asyncio.Transport", transport)
        self.connection = transport.get_extra_info("connection") or self.site.journal.open(*ends(transport))
        if len(self.site.connections) >= self.site.settings.connections:
            self._emit("dropConnection", self.connection)
            self.transport.abort()
            return
        self.site.join(self)
        self._open = True
        encrypted = transport.get_extra_info("ssl_object") is not None
        facts: dict[str, object] = {"alpnProtocol": "h2" if encrypted else "h2c", "encrypted": encrypted}
        self.connection.facts.update(facts)
        self._emit("session", self.connection, SESSION, facts)
        self.core.open()
        self._pump()

    def data_received(self, data: bytes) -> None:
        """Bytes of the client."""
        self.connection.bytes_in += len(data)
        if self._lingering:
            return
        self._moved()
        self.core.feed(data)
        self._pump()

    def eof_received(self) -> bool:
        """The client sends no more: what it has asked for is still answered."""
        self._emit("end", self.connection)
        self._ended = self._stopping = True
        return bool(self.core.streams) and not self._lingering

    def pause_writing(self) -> None:
        """The client does not read: take nothing more from it either."""
        self._paused = True
        self.deadline = self.site.now + self.site.settings.write_within
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._paused = False
        self._emit("drain", self.connection)
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self._moved()
        self.flush_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it every stream, then the session."""
        self.site.leave(self)
        if exc is not None:
            self._emit("error", self.connection, None, {"error": str(exc)})
        if self._open:
            self._end()
        self.site.journal.close(self.connection)

    def _end(self) -> None:
        """Every stream's close, then the session's."""
        self._open = False
        self._dispatch()
        for stream_id in list(self.core.streams):
            self._on_closed(events.StreamClosed(stream_id, ErrorCode.CANCEL, by_peer=True))
        for task in self._tasks:
            task.cancel()
        self._emit("close", self.connection, SESSION, {"session": True})

    # Reading and writing

    def flush_soon(self) -> None:
        """Write at the end of this turn of the loop, once for all that it brings."""
        if not self._flushing and self._open:
            self._flushing = True
            self.site.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._open:
            self._pump()

    def _pump(self) -> None:
        """Handle what has happened and write what is due, for a bounded number of turns."""
        for _ in range(_TURNS):
            self._dispatch()
            if self._paused or self._lingering:
                break
            pieces = self.core.take_pieces(_ROOM)
            if not pieces:
                break
            self._write(pieces)
            if self.waiting:
                self._wake()
        else:
            self.flush_soon()
        if self.core.over or self._stopping:
            self._close_when_done()

    def _write(self, pieces: Sequence[bytes | memoryview]) -> None:
        if len(pieces) == 1:
            self.connection.bytes_out += len(pieces[0])
            self.transport.write(pieces[0])
        else:
            self.connection.bytes_out += sum(map(len, pieces))
            self.transport.writelines(pieces)

    def _wake(self) -> None:
        for stream_id in [s for s in self.waiting if self.queued(s) <= LOW_WATER]:
            self.waiting.pop(stream_id).drained()

    def queued(self, stream_id: int) -> int:
        """Octets that wait in a stream for window; 0 when it has closed."""
        stream = self.core.streams.get(stream_id)
        return stream.pending_size if stream is not None else 0

    def consumed(self, stream_id: int, size: int) -> None:
        """Content has been read: reopen the windows."""
        self.core.consumed(stream_id, size)
        self.flush_soon()

    def _close_when_done(self) -> None:
        """Close after a failure, or after the last stream of a session that is to end.

        FIN comes first and the client's own is awaited: a close with unread bytes would be a reset, which
        could overtake GOAWAY.
        """
        if self._lingering or self.transport.is_closing() or (self.core.streams and not self.core.over):
            return
        self._lingering = True
        self.deadline = self.site.now + self.site.settings.linger_within
        if self._ended or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()

    # Requests

    def _dispatch(self) -> None:
        while happened := self.core.take_events():
            for event in happened:
                if type(event) is events.RequestReceived:
                    self._on_request(event)
                else:
                    _HANDLERS[type(event)](self, event)

    def _on_request(self, event: events.RequestReceived) -> None:
        head, stream_id = event.head, event.stream_id
        plan = self._plans.get(head) or self._plan(head)
        self._emit("stream", self.connection, stream_id)
        self._emit(plan.event, self.connection, stream_id, plan.seen)
        if stream_id not in self.core.streams:
            return  # reset within the same read: its StreamClosed follows
        if plan.simple is not None and event.end_stream:
            self.answer(stream_id, self.site.run(plan.simple, plan.request, self.connection, stream_id))
        else:
            self._begin(stream_id, plan, event.end_stream)

    def _plan(self, head: RequestHead) -> Plan:
        plan = plan_of(head, self.site)
        if len(self._plans) >= _PLANS:
            self._plans.clear()
        self._plans[head] = plan
        return plan

    def answer(self, stream_id: int, response: Response, *, bodiless: bool = False) -> None:
        """Send a whole response, without its content for HEAD."""
        body = b"" if bodiless else response.body
        if self.core.respond(stream_id, self.heads.whole(response), body):
            self._emit("finish", self.connection, stream_id)
            self._emit("close", self.connection, stream_id, _CLEAN)

    def _begin(self, stream_id: int, plan: Plan, whole: bool) -> None:
        """Let a task answer the request."""
        exchange = Http2Exchange(self, stream_id, plan.request, whole)
        self.exchanges[stream_id] = exchange
        if isinstance(plan.match, Response):
            exchange.answer(plan.match)
            return
        exchange.parameters = plan.match.parameters
        task = self.site.loop.create_task(self._run(exchange, plan.match))
        self._tasks[task] = exchange
        task.add_done_callback(self._tasks.pop)

    async def _run(self, exchange: Http2Exchange, match: Match) -> None:
        with suppress(ClientGone):
            await answer(match, exchange)
            if not exchange.finished:
                exchange.abort(ErrorCode.INTERNAL_ERROR)
        self.flush_soon()

    def _on_too_large(self, event: events.RequestTooLarge) -> None:
        refused = problem(431, "the request's fields are larger than SETTINGS_MAX_HEADER_LIST_SIZE")
        self._emit("stream", self.connection, event.stream_id)
        self._emit("clientError", self.connection, event.stream_id, {"status": 431})
        plan = Plan(request_of(event.head), refused, "clientError", {}, None)
        self._begin(event.stream_id, plan, event.end_stream)

    def _on_data(self, event: events.DataReceived) -> None:
        exchange = self.exchanges.get(event.stream_id)
        if exchange is not None and not exchange.finished:
            exchange.arrived(event.data, event.flow, event.end_stream)
            return
        self.core.consumed(SESSION, event.flow)

    def _on_trailers(self, event: events.TrailersReceived) -> None:
        self._emit("trailers", self.connection, event.stream_id, {"fields": len(event.fields)})
        exchange = self.exchanges.get(event.stream_id)
        if exchange is not None:
            exchange.ended(event.fields)

    def _on_sent(self, event: events.ResponseSent) -> None:
        self._emit("finish", self.connection, event.stream_id)
        if event.stream_id in self.core.streams:
            self.site.loop.call_later(self.site.settings.linger_within, self._let_go, event.stream_id)

    def _let_go(self, stream_id: int) -> None:
        """The client goes on with a request that was answered early: tell it to stop (RFC 9113 8.1)."""
        if self._open and stream_id in self.core.streams:
            self.core.reset(stream_id, ErrorCode.NO_ERROR)
            self.flush_soon()

    def _on_closed(self, event: events.StreamClosed) -> None:
        stream_id = event.stream_id
        self.waiting.pop(stream_id, None)
        exchange = self.exchanges.pop(stream_id, None)
        if event.reason:
            self._emit("clientError", self.connection, stream_id, {"reason": event.reason})
        if event.code or event.by_peer or (exchange is not None and not exchange.whole):
            self._emit("aborted", self.connection, stream_id, {"rstCode": event.code})
        if exchange is not None:
            self.core.consumed(SESSION, exchange.gone())
        self._emit("close", self.connection, stream_id, {"rstCode": event.code})

    def _on_failed(self, event: events.SessionFailed) -> None:
        note(self, event)

    # The site's side

    def _moved(self) -> None:
        """Something came or went: the deadline moves, and the budgets refill."""
        now = self.site.now
        self.deadline = now + self.site.settings.idle_within
        if now - self._refilled >= 1.0:
            self.core.refill(now - self._refilled)
            self._refilled = now

    def expired(self) -> None:
        """Nothing has moved for too long: cut what waits for the client, end what is idle."""
        self._emit("timeout", self.connection, SESSION)
        self._moved()
        stalled = [stream for stream, exchange in self.exchanges.items() if exchange.waits]
        if self._paused or self._stopping:
            self.transport.abort()
        elif not self.core.streams:
            self.retire()
        for stream_id in stalled:
            self.core.reset(stream_id, ErrorCode.CANCEL)
        self.flush_soon()

    def retire(self) -> None:
        """Finish what is open, take nothing new (RFC 9113 6.8)."""
        self.core.shut_down()
        self._stopping = True
        self.flush_soon()

    def kill(self) -> None:
        """Close at once."""
        self.transport.abort()


def plan_of(head: RequestHead, site: Site) -> Plan:
    """The plan for a request head."""
    request = request_of(head)
    match = site.router.match(request.method, request.path)
    seen = {
        "method": request.method,
        "target": request.target.decode("utf-8", "backslashreplace"),
        "version": request.version,
        "authority": request.authority,
    }
    expectation = request.value(b"expect")
    if expectation is None:
        simple = match.immediate if isinstance(match, Match) and request.method != "HEAD" else None
        return Plan(request, match, "request", seen, simple)
    if expectation.lower() == b"100-continue":
        return Plan(request, match, "checkContinue", seen, None)
    refused = problem(417, f"the expectation {expectation.decode('latin-1')} cannot be met")
    return Plan(request, refused, "checkExpectation", seen, None)


def request_of(head: RequestHead) -> Request:
    """The application's view of a request head."""
    authority = head.authority or next((value for name, value in head.fields if name == b"host"), b"")
    return Request(
        method=head.method.decode("ascii"),
        target=head.path or head.authority,
        version="2",
        scheme=head.scheme.decode("ascii").lower(),
        authority=authority.decode("latin-1"),
        fields=head.fields,
        protocol=head.protocol.decode("ascii") or None,
    )


_HANDLERS: Mapping[type, Callable[[Http2, Any], None]] = {
    events.RequestTooLarge: Http2._on_too_large,
    events.DataReceived: Http2._on_data,
    events.TrailersReceived: Http2._on_trailers,
    events.ResponseSent: Http2._on_sent,
    events.StreamClosed: Http2._on_closed,
    events.SessionFailed: Http2._on_failed,
    events.SettingsReceived: note,
    events.SettingsAcknowledged: note,
    events.PingReceived: note,
    events.PingAcknowledged: note,
    events.GoawayReceived: note,
    events.PriorityReceived: note,
    events.PriorityUpdated: note,
    events.FrameSeen: note,
}
