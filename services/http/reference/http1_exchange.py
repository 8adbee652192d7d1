"""One request on an HTTP/1.1 connection, being answered by a task of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from services.http.app.errors import ClientGone, MisusedExchange
from services.http.app.exchange import Exchange
from services.http.app.message import Fields, Response, problem
from services.http.app.routing import answer
from services.http.reference.h1 import response as wire
from services.http.reference.h1.errors import BadMessage
from services.http.reference.http1_abilities import Http1Tunnel, Http1Wire
from services.http.reference.plans import Plan

if TYPE_CHECKING:
    from services.http.reference.http1 import Http1

_CONTINUE = "100-continue"
A = TypeVar("A")


class Http1Exchange(Exchange):
    """The exchange of `Http1`'s requests; `stream` is the request's number on its connection."""

    stream: int

    def __init__(self, http: Http1, plan: Plan, number: int, persistent: bool) -> None:
        self.http, self.plan = http, plan
        self.server = http.site.server
        self.request = plan.request
        self.connection = http.connection
        self.parameters = {} if isinstance(plan.match, Response) else plan.match.parameters
        self.stream = number
        self._persistent = persistent
        self._awaits_continue = plan.head.expectation == _CONTINUE
        self._announced = False
        self._tunnel = False
        self._framing: int | None = None
        self._left = 0
        self._sent = 0
        self._over = False
        self._gone = False
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    # -- life ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Announces the request and answers it. An offer to upgrade is announced once it is decided on."""
        if not self.plan.head.upgrade:
            self._announce()
        self._task = asyncio.ensure_future(self._run())

    def _announce(self, event: str | None = None) -> None:
        """The one event that says what was asked for (as Node's http does it)."""
        if not self._announced:
            self._announced = True
            event = event or _event(self.plan)
            self.server.journal.emit(event, self.connection, self.stream, self.plan.facts)

    async def _run(self) -> None:
        try:
            await self._answer()
            if not self._over:
                await (self.finish() if self._framing is not None else self._forgotten())
        except ClientGone:
            self._persistent = False
        finally:
            self.http.completed(self._persistent and self._over)

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

    def lost(self) -> None:
        """The connection is gone."""
        if not self._over:
            self._announce()
            self._over = True
            self.server.journal.emit("aborted", self.connection, self.stream, {"bytesSent": self._sent})
            self.server.journal.emit("close", self.connection, self.stream)
        self._break()

    def broken(self) -> bool:
        """The request turned out to be malformed; whether it is too late to say so."""
        self.lost()
        return self._framing is not None

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
        if self._gone:
            raise ClientGone

    # -- the request -----------------------------------------------------------------------------

    async def receive(self) -> bytes:
        """As Exchange.receive."""
        if self._gone:
            raise ClientGone
        if self._tunnel:
            return await self._receive_bytes()
        http, reader = self.http, self.http.reader
        self._announce()
        if self._awaits_continue:
            self._accept()
        try:
            while not (piece := reader.piece()) and not reader.done:
                if http.ended:
                    raise BadMessage(400, "the content is not whole", "RFC 9112 8")
                http.read_on()
                http.deadline = http.site.now + http.site.settings.body_within
                await self._wait()
        except BadMessage as bad:
            http.refuse(bad)
            raise ClientGone from None
        http.deadline = float("inf")
        http.read_on()
        return piece

    async def _receive_bytes(self) -> bytes:
        """What the tunnel brings."""
        http = self.http
        while not (data := http.reader.rest()) and not http.ended:
            http.read_on()
            http.deadline = http.site.now + http.site.settings.idle_within
            await self._wait()
        http.deadline = float("inf")
        http.read_on()
        return data

    def _accept(self) -> None:
        """100 Continue, unless content is here already (RFC 9110 10.1.1)."""
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
        if not 102 <= status <= 199 or self._framing is not None:
            raise MisusedExchange(f"no interim response {status} can be sent now")
        self._announce()
        if self.request.version == "1.1" and not self._gone:
            self.http.write(wire.status_line(status) + wire.field_lines(fields) + b"\r\n")
            self.server.journal.emit("information", self.connection, self.stream, {"status": status})

    async def start(self, status: int, fields: Fields = ()) -> None:
        """As Exchange.start."""
        self.http.write(self._head(status, fields))

    def _head(self, status: int, fields: Fields) -> bytes:
        """The head, its framing decided."""
        if self._gone:
            raise ClientGone
        if self._framing is not None:
            raise MisusedExchange("the response has started already")
        self._announce()
        self._framing = framing = wire.framed_as(self.request, status, fields)
        if framing == wire.SIZED:
            self._left = next(int(value) for name, value in fields if name.lower() == b"content-length")
        if framing == wire.UNTIL_CLOSE or self._awaits_continue:
            self._persistent = False
        lines = [self.http.opening(status), wire.field_lines(fields)]
        if framing == wire.CHUNKS:
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(self.http.persistence(self._persistent))
        return b"".join([*lines, b"\r\n"])

    async def send(self, data: bytes) -> None:
        """As Exchange.send."""
        if self._gone:
            raise ClientGone
        if data and self._framing != wire.NOTHING:
            self.http.write(self._framed(data))
            self._sent += len(data)
        while self.http.blocked:
            await self._wait()

    def _framed(self, data: bytes) -> bytes:
        if self._framing is None or self._over:
            raise MisusedExchange("content has to stand between head and end")
        if self._framing == wire.CHUNKS:
            return wire.chunk(data)
        if self._framing == wire.SIZED:
            self._left -= len(data)
            if self._left < 0:
                raise MisusedExchange("the content is longer than content-length says")
        return data

    async def finish(self, trailers: Fields = ()) -> None:
        """As Exchange.finish. Returns once the last byte is with the kernel."""
        if self._gone:
            raise ClientGone
        if self._framing is None or self._over:
            raise MisusedExchange("there is nothing to end")
        if self._left:
            self._persistent = False
        elif self._framing == wire.CHUNKS:
            self.http.write(wire.last_chunk(trailers))
        await self._finished()

    async def _finished(self) -> None:
        while self.http.blocked:
            await self._wait()
        self._over = True
        self.server.journal.emit("finish", self.connection, self.stream)
        self.server.journal.emit("close", self.connection, self.stream)

    async def respond(self, response: Response) -> None:
        """As Exchange.respond, in one write."""
        if response.trailers:
            await super().respond(response)
            return
        fields = response.fields
        if response.status >= 200 and response.status not in (204, 304):
            fields = (*fields, (b"content-length", b"%d" % len(response.body)))
        head = self._head(response.status, fields)
        if self._framing == wire.NOTHING:
            self.http.write(head)
        else:
            self._sent, self._left = len(response.body), 0
            self.http.write(head + response.body)
        await self._finished()

    def ability(self, kind: type[A]) -> A:
        """Wire and Tunnel."""
        for ability in (Http1Wire(self), Http1Tunnel(self)):
            if isinstance(ability, kind):
                return ability
        return super().ability(kind)

    def take_over(self, head: bytes, event: str | None = None) -> None:
        """Ends the framing: `head` goes out as it is, and what follows likewise. Raises ClientGone."""
        if self._gone:
            raise ClientGone
        if self._framing is not None:
            raise MisusedExchange("the response has started already")
        self._announce(event)
        self._framing, self._persistent = wire.AS_IT_IS, False
        self.http.write(head)

    def open_tunnel(self) -> None:
        """What comes and goes from here on are bytes."""
        self._tunnel = True
        self.http.tunnel()

    def end_silently(self) -> None:
        """The handler has had enough: no `finish`, as this is no end of a response."""
        if not self._over:
            self._over = True
            self.server.journal.emit("close", self.connection, self.stream)

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
