"""HTTP/2 sessions: the application answers the requests of each.

`Life` keeps the time, `Link` moves the bytes; `Control` is what the server asks of the client, and `Http2`
requests and responses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from services.http.app.content import OfContent
from services.http.app.errors import ClientGone
from services.http.app.message import Response, problem
from services.http.app.routing import Immediate, Match, answer
from services.http.reference.h2 import ErrorCode, Limits, events
from services.http.reference.h2.headers import RequestHead
from services.http.reference.http2_control import Control
from services.http.reference.http2_encoding import Heads
from services.http.reference.http2_events import SESSION, note
from services.http.reference.http2_exchange import LOW_WATER, Http2Exchange
from services.http.reference.http2_plans import ENDED, ENDED_WELL, Plan, plan_of, request_of
from services.http.reference.site import Site
from services.kit.eager import start

_PLANS = 512


class Http2(Control):
    """The protocol object of one session."""

    def __init__(self, site: Site, heads: Heads, limits: Limits) -> None:
        super().__init__(site, limits)
        self.heads = heads
        self.exchanges: dict[int, Http2Exchange] = {}
        self.waiting: dict[int, Http2Exchange] = {}
        """Exchanges whose sender waits for room."""
        self._plans: dict[RequestHead, Plan] = {}
        self._tasks: dict[asyncio.Task[None], Http2Exchange] = {}
        self._starting: list[tuple[Http2Exchange, Match]] = []
        """Requests to be answered once all that came with them has been looked at."""

    # Requests

    def _dispatch(self) -> None:
        while (happened := self.core.take_events()) or self._starting:
            for event in happened:
                if type(event) is events.RequestReceived:
                    self._on_request(event)
                else:
                    _HANDLERS[type(event)](self, event)
            if self._starting:
                self._start()

    def _on_request(self, event: events.RequestReceived) -> None:
        head, stream_id = event.head, event.stream_id
        plan = self._plans.get(head) or self._plan(head)
        alive = stream_id in self.core.streams  # or reset within the same read: its StreamClosed follows
        if alive and plan.simple is not None and event.end_stream:
            self._answer_head(stream_id, plan, plan.simple)
            return
        self._series(plan.heard, self.connection, stream_id, plan.told)
        if alive:
            self._begin(stream_id, plan, event.end_stream)

    def _answer_head(self, stream_id: int, plan: Plan, immediate: Immediate) -> None:
        """Answer from the head alone: no task, no exchange, and one entry in the journal."""
        response = self.site.run(immediate, self.connection, stream_id, plan.request)
        over = self.core.respond(stream_id, self.heads.whole(response), response.body)
        self._series(plan.answered if over else plan.heard, self.connection, stream_id, plan.told)

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
            self._leave(stream_id)
            self._series(ENDED, self.connection, stream_id, ENDED_WELL)

    def _begin(self, stream_id: int, plan: Plan, whole: bool) -> None:
        """Let a task answer the request."""
        exchange = Http2Exchange(self, stream_id, plan.request, whole)
        self.exchanges[stream_id] = exchange
        if isinstance(plan.match, Response):
            exchange.answer(plan.match)
            return
        exchange.parameters = plan.match.parameters
        self._starting.append((exchange, plan.match))
        self.flush_soon()

    def _start(self) -> None:
        """Answer what has come, as far as that need not wait; a task goes on from there."""
        starting, self._starting = self._starting, []
        for exchange, match in starting:
            if exchange.closed or self._answer_content(exchange, match.of_content):
                continue
            task = start(self._run(exchange, match), self.site.loop)
            if task is not None:
                exchange.task = task
                self._tasks[task] = exchange
                task.add_done_callback(self._tasks.pop)

    def _answer_content(self, exchange: Http2Exchange, handler: OfContent | None) -> bool:
        """Answer what needs its content only, where that has come as well; whether it was so."""
        content = exchange.whole_content(handler.limit) if handler is not None else None
        if handler is None or content is None:
            return False
        run, asked = self.site.run, exchange.request
        exchange.answer(run(handler.at_once, self.connection, exchange.stream, asked, content))
        return True

    async def _run(self, exchange: Http2Exchange, match: Match) -> None:
        with suppress(ClientGone):
            await answer(match, exchange)
            if not exchange.finished:
                exchange.abort(ErrorCode.INTERNAL_ERROR)
        self.flush_soon()

    def _on_too_large(self, event: events.RequestTooLarge) -> None:
        refused = problem(431, "the request's fields are larger than SETTINGS_MAX_HEADER_LIST_SIZE")
        plan = Plan.of(request_of(event.head), refused, "clientError", {"status": 431})
        self._series(plan.heard, self.connection, event.stream_id, plan.told)
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
        exchange = self._leave(stream_id)
        if event.reason:
            self._emit("clientError", self.connection, stream_id, {"reason": event.reason})
        if event.code or event.by_peer or (exchange is not None and not exchange.whole):
            self._emit("aborted", self.connection, stream_id, {"rstCode": event.code})
        self._emit("close", self.connection, stream_id, {"rstCode": event.code})

    def _leave(self, stream_id: int) -> Http2Exchange | None:
        """The exchange of a stream that has closed; content that nobody read leaves the window."""
        self.waiting.pop(stream_id, None)
        exchange = self.exchanges.pop(stream_id, None)
        if exchange is not None:
            self.core.consumed(SESSION, exchange.gone())
        return exchange

    def _on_failed(self, event: events.SessionFailed) -> None:
        note(self, event)

    def promised(self, stream_id: int, head: RequestHead) -> None:
        """Answer a request that we have promised ourselves."""
        self._begin(stream_id, plan_of(head, self.site), whole=True)

    # What the link asks

    def _wrote(self) -> None:
        if self.waiting:
            for stream_id in [s for s in self.waiting if self.queued(s) <= LOW_WATER]:
                self.waiting.pop(stream_id).drained()

    def queued(self, stream_id: int) -> int:
        """Octets that wait in a stream for window; 0 when it has closed."""
        stream = self.core.streams.get(stream_id)
        return stream.pending_size if stream is not None else 0

    def _stalled(self) -> Iterable[int]:
        return [stream for stream, exchange in self.exchanges.items() if exchange.waits]

    def _abandon(self) -> None:
        for stream_id in list(self.core.streams):
            self._on_closed(events.StreamClosed(stream_id, ErrorCode.CANCEL, by_peer=True))
        for task in self._tasks:
            task.cancel()
        super()._abandon()


_HANDLERS: Mapping[type, Callable[[Http2, Any], None]] = {
    events.RequestTooLarge: Http2._on_too_large,
    events.DataReceived: Http2._on_data,
    events.TrailersReceived: Http2._on_trailers,
    events.ResponseSent: Http2._on_sent,
    events.StreamClosed: Http2._on_closed,
    events.SessionFailed: Http2._on_failed,
    events.SettingsReceived: note,
    events.SettingsAcknowledged: Http2._on_acknowledged,
    events.PingReceived: note,
    events.PingAcknowledged: Http2._on_pong,
    events.GoawayReceived: note,
    events.PriorityReceived: Http2._on_priority,
    events.PriorityUpdated: note,
    events.FrameSeen: note,
}
