"""One request on an HTTP/1.1 connection, being answered by a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from services.http.app.errors import ClientGone, MisusedExchange
from services.http.app.exchange import Exchange
from services.http.app.message import Fields, Response, problem
from services.http.app.routing import answer
from services.http.reference.h1 import response as wire
from services.http.reference.h1.errors import BadMessage, H1Error
from services.http.reference.h1.outgoing import Outgoing
from services.http.reference.http1_abilities import Http1Tunnel, Http1Wire
from services.http.reference.http1_output import NEVER
from services.http.reference.plans import Plan

if TYPE_CHECKING:
    from services.http.reference.http1 import Http1

_CONTINUE = "100-continue"
A = TypeVar("A")


class Http1Exchange(Exchange):
    """An exchange of `Http1`; `stream` is the request's number on its connection."""

    stream: int

    def __init__(self, http: Http1, plan: Plan, number: int, *, persistent: bool) -> None:
        self.http, self.plan, self.stream = http, plan, number
        self.server, self.connection, self.request = http.site.server, http.connection, plan.request
        self.parameters = {} if isinstance(plan.match, Response) else plan.match.parameters
        self._out = Outgoing(plan.request, http.kept, persistent=persistent)
        self._awaits_continue = plan.head.expectation == _CONTINUE
        self._announced = self._tunnel = self._closed = self._gone = False
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    # -- life ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Announces the request and answers it. An offer to upgrade is announced once it is decided on."""
        if not self.plan.head.upgrade:
            self._announce(_event(self.plan))
        self._task = self.http.site.loop.create_task(self._run())

    def _announce(self, event: str) -> None:
        """The one event that says what was asked for (as Node's http does it)."""
        if not self._announced:
            self._announced = True
            self._emit(event, self.plan.facts)

    async def _run(self) -> None:
        try:
            await self._answer()
            if not self._closed:
                await (self.finish() if self._out.started else self._forgotten())
        except ClientGone:
            self._out.persistent = False
        except (MisusedExchange, H1Error) as error:
            await self._failed(error)
        finally:
            self.http.completed(persistent=self._out.persistent and self._out.ended)

    async def _answer(self) -> None:
        expectation, match = self.plan.head.expectation, self.plan.match
        if expectation is not None and not self._awaits_continue:
            await self.respond(problem(417, f"the expectation {expectation} cannot be met"))
        elif isinstance(match, Response):
            await self.respond(match)
        else:
            await answer(match, self)

    async def _forgotten(self) -> None:
        await self.respond(problem(500, "the handler gave no response"))

    async def _failed(self, error: Exception) -> None:
        """A handler went wrong: 500 while there is time, else an end not to be taken for the right one."""
        self._emit("error", {"error": repr(error)})
        if not self._out.started and not self._gone:
            await self.respond(problem(500, "the handler failed"))
        elif not self._closed:
            self._end("aborted", {"bytesSent": self._out.sent})
            if not self._out.whole:
                self.http.reset()

    def lost(self) -> None:
        """The connection is gone."""
        if not self._closed:
            self._announce(_event(self.plan))
            self._end("aborted", {"bytesSent": self._out.sent})
        self._break()

    def broken(self) -> bool:
        """The request turned out to be malformed; whether it is too late to say so."""
        self.lost()
        return self._out.started

    def _end(self, event: str | None, data: dict[str, object] | None = None) -> None:
        self._closed = True
        if event is not None:
            self._emit(event, data)
        self._emit("close")

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
        self._announce(_event(self.plan))
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

    # -- the response ----------------------------------------------------------------------------

    def inform(self, status: int, fields: Fields = ()) -> None:
        """As Exchange.inform."""
        if not 102 <= status <= 199 or self._out.started:
            raise MisusedExchange(f"no interim response {status} can be sent now")
        self._announce(_event(self.plan))
        if self.request.version == "1.1" and not self._gone:
            self.http.write(wire.status_line(status) + wire.field_lines(fields) + b"\r\n")
            self._emit("information", {"status": status})

    def _begin_response(self, status: int) -> bytes:
        """The opening of the response. Content not asked for will not be read (RFC 9110 10.1.1)."""
        self._check()
        self._announce(_event(self.plan))
        if self._awaits_continue or self.http.site.stopping:
            self._out.persistent = False
        return self.http.opening(status)

    async def start(self, status: int, fields: Fields = ()) -> None:
        """As Exchange.start."""
        self.http.write(self._out.head(self._begin_response(status), status, fields))

    async def send(self, data: bytes) -> None:
        """As Exchange.send."""
        self._check()
        if data and (framed := self._out.content(data)):
            self.http.write(framed)
        while self.http.blocked:
            await self._wait()

    async def finish(self, trailers: Fields = ()) -> None:
        """As Exchange.finish. Returns once the last byte is with the kernel."""
        self._check()
        if tail := self._out.end(trailers):
            self.http.write(tail)
        await self._finished()

    async def respond(self, response: Response) -> None:
        """As Exchange.respond, in one write."""
        if response.trailers:
            await super().respond(response)
            return
        opening = self._begin_response(response.status)
        if self._out.is_common(response):
            self.http.write(opening + self.http.encoded(response))
            self._out.sent_whole(response)
        else:
            self.http.write(self._out.whole_response(opening, response))
        await self._finished()

    async def _finished(self) -> None:
        while self.http.blocked:
            await self._wait()
        self._end("finish")

    # -- what HTTP/1.1 alone can do --------------------------------------------------------------

    def ability(self, kind: type[A]) -> A:
        """Wire and Tunnel."""
        for ability in (Http1Wire(self), Http1Tunnel(self)):
            if isinstance(ability, kind):
                return ability
        return super().ability(kind)

    def take_over(self, head: bytes = b"", event: str | None = None) -> None:
        """Ends the framing: `head` goes out as it is, and what follows likewise. Raises ClientGone."""
        self._check()
        self._out.take_over()
        self._announce(event or _event(self.plan))
        if head:
            self.http.write(head)

    def open_tunnel(self) -> None:
        """What comes and goes from here on are bytes."""
        self._tunnel = True
        self.http.tunnel()

    def end_silently(self) -> None:
        """The handler has had enough: no `finish`, as this is no end of a response."""
        if not self._closed:
            self._end(None)

    def abort(self, code: int = 0) -> None:  # noqa: ARG002 - a reset of TCP carries no code
        """As Exchange.abort: RST."""
        self.end_silently()
        self.http.reset()


def _event(plan: Plan) -> str:
    """The event that stands for a request (Node's documentation, class http.Server)."""
    if plan.request.method == "CONNECT":
        return "connect"
    if plan.head.expectation is None:
        return "request"
    return "checkContinue" if plan.head.expectation == _CONTINUE else "checkExpectation"
