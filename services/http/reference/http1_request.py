"""The request's half of an HTTP/1.1 exchange: announced, read as its handler asks for it, broken off."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.http.app.errors import ClientGone
from services.http.app.exchange import Exchange
from services.http.app.message import CONTINUE, Fields, Response
from services.http.reference.h1 import response as wire
from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.framing import NONE
from services.http.reference.h1.outgoing import Outgoing
from services.http.reference.http1_output import NEVER
from services.http.reference.plans import Plan
from services.kit.eager import start

if TYPE_CHECKING:
    from services.http.reference.http1_life import Life


class Inbound(Exchange):
    """What http1_exchange.py adds the response to; `stream` is the request's number on its connection."""

    stream: int

    def __init__(self, http: Life, plan: Plan, number: int, *, persistent: bool) -> None:
        self.http, self.plan, self.stream = http, plan, number
        self.server, self.connection, self.request = http.site.server, http.connection, plan.request
        self.parameters = {} if isinstance(plan.match, Response) else plan.match.parameters
        self._out = Outgoing(plan.request, http.kept, persistent=persistent)
        self._awaits_continue = plan.request.expectation == CONTINUE and plan.head.content != NONE
        self._announced = self._tunnel = self._closed = self._gone = False
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _run(self) -> None:
        """Answers the request, to its end."""

    # -- life ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Announces the request and answers it. An offer to upgrade is announced once it is decided on."""
        if not self.plan.head.upgrade:
            self._announce()
        self._task = start(self._run(), self.http.site.loop)

    def _announce(self, event: str | None = None) -> None:
        """The one event that says what was asked for (as Node's http does it)."""
        if not self._announced:
            self._announced = True
            self._emit(event or _event(self.plan), self.plan.facts)

    def lost(self) -> None:
        """The connection is gone."""
        if not self._closed:
            self._announce()
            self._end("aborted", {"bytesSent": self._out.sent})
        self._break()

    def broken(self) -> bool:
        """The request turned out to be malformed; whether it is too late to say so."""
        self.lost()
        return self._out.started

    def _end(self, event: str | None, data: dict[str, object] | None = None) -> None:
        self._closed = True
        events = ("close",) if event is None else (event, "close")
        self.server.journal.emit_series(events, self.connection, self.stream, data)

    def _emit(self, event: str, data: Mapping[str, object] | None = None) -> None:
        self.server.journal.emit(event, self.connection, self.stream, data)

    def _break(self) -> None:
        """Ends the handler: where it waits for the client if it does, else where it stands."""
        self._gone = True
        if self._waiter is None and self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self.wake()

    def wake(self) -> None:
        """Something that the handler may wait for has happened."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        self._waiter = self.http.site.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
        self._check()

    def _check(self) -> None:
        if self._gone:
            raise ClientGone

    # -- the request -----------------------------------------------------------------------------

    async def receive(self) -> bytes:
        """As Exchange.receive."""
        self._check()
        if self._tunnel:
            return await self._receive_bytes()
        http, reader = self.http, self.http.reader
        self._announce()
        self._continue()
        try:
            while not (piece := reader.piece()) and not reader.done:
                if http.ended:
                    raise BadMessage(400, "the content is not whole", "RFC 9112 8")
                await self._more(http.site.settings.body_within)
        except BadMessage as bad:
            http.refuse(bad)
            raise ClientGone from None
        http.read_on()
        return piece

    async def _receive_bytes(self) -> bytes:
        """What the tunnel brings."""
        while not (data := self.http.reader.rest()) and not self.http.ended:
            await self._more(self.http.site.settings.idle_within)
        self.http.read_on()
        return data

    async def _more(self, within: float) -> None:
        """Waits for the client to send, for so many seconds."""
        http = self.http
        http.read_on()
        http.deadline = http.site.now + within
        await self._wait()
        http.deadline = NEVER

    def _continue(self) -> None:
        """100 Continue, once, unless content is here already (RFC 9110 10.1.1)."""
        if self._awaits_continue:
            self._awaits_continue = False
            if not self.http.reader.pending and not self.http.reader.done:
                self.http.write(wire.status_line(100) + b"\r\n")

    @property
    def trailers(self) -> Fields:
        """As Exchange.trailers."""
        return self.http.reader.trailers


def _event(plan: Plan) -> str:
    """The event that stands for a request (Node's documentation, class http.Server)."""
    if plan.request.method == "CONNECT":
        return "connect"
    if plan.request.expectation is None:
        return "request"
    return "checkContinue" if plan.request.expectation == CONTINUE else "checkExpectation"
