"""One request on an HTTP/1.1 connection, being answered by a task of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.http.app.errors import ClientGone, MisusedExchange
from services.http.app.exchange import Exchange
from services.http.app.message import Fields, Response, problem
from services.http.app.routing import answer
from services.http.reference.h1 import response as wire
from services.http.reference.h1.errors import BadMessage
from services.http.reference.plans import Plan

if TYPE_CHECKING:
    from services.http.reference.http1 import Http1

_CONTINUE = "100-continue"


class Http1Exchange(Exchange):
    """The exchange of `Http1`'s requests; `stream` is the request's number on its connection."""

    stream: int

    def __init__(self, http: Http1, plan: Plan, number: int, persistent: bool) -> None:
        self.server = http.site.server
        self.request = plan.request
        self.connection = http.connection
        self.parameters = {} if isinstance(plan.match, Response) else plan.match.parameters
        self.stream = number
        self._http = http
        self._plan = plan
        self._persistent = persistent
        self._awaits_continue = plan.head.expectation == _CONTINUE
        self._framing: int | None = None
        self._left = 0
        self._sent = 0
        self._over = False
        self._gone = False
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    # -- life ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Announces the request and answers it."""
        expectation = self._plan.head.expectation
        event = "request"
        if expectation is not None:
            event = "checkContinue" if self._awaits_continue else "checkExpectation"
        self.server.journal.emit(event, self.connection, self.stream, self._plan.facts)
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            await self._answer()
            if not self._over:
                await (self.finish() if self._framing is not None else self._forgotten())
        except ClientGone:
            self._persistent = False
        finally:
            self._http.completed(self._persistent and self._over)

    async def _answer(self) -> None:
        expectation, match = self._plan.head.expectation, self._plan.match
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
            self._over = True
            self.server.journal.emit("aborted", self.connection, self.stream, {"bytesSent": self._sent})
            self.server.journal.emit("close", self.connection, self.stream)
        self._break()

    def broken(self) -> bool:
        """The request turned out to be malformed; whether it is too late to say so."""
        started = self._framing is not None
        self._over = True
        self.server.journal.emit("aborted", self.connection, self.stream, {"bytesSent": self._sent})
        self.server.journal.emit("close", self.connection, self.stream)
        self._break()
        return started

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
        self._waiter = self._http.site.loop.create_future()
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
        http, reader = self._http, self._http.reader
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

    def _accept(self) -> None:
        """100 Continue, unless content is here already (RFC 9110 10.1.1)."""
        self._awaits_continue = False
        if not self._http.reader.pending and not self._http.reader.done:
            self._http.write(wire.status_line(100) + b"\r\n")

    @property
    def trailers(self) -> Fields:
        """As Exchange.trailers."""
        return self._http.reader.trailers

    # -- the response ----------------------------------------------------------------------------

    def inform(self, status: int, fields: Fields = ()) -> None:
        """As Exchange.inform."""
        if not 102 <= status <= 199 or self._framing is not None:
            raise MisusedExchange(f"no interim response {status} can be sent now")
        if self.request.version == "1.1" and not self._gone:
            self._http.write(wire.status_line(status) + wire.field_lines(fields) + b"\r\n")
            self.server.journal.emit("information", self.connection, self.stream, {"status": status})

    async def start(self, status: int, fields: Fields = ()) -> None:
        """As Exchange.start."""
        self._http.write(self._head(status, fields))

    def _head(self, status: int, fields: Fields) -> bytes:
        """The head, its framing decided."""
        if self._gone:
            raise ClientGone
        if self._framing is not None:
            raise MisusedExchange("the response has started already")
        self._framing = framing = wire.framed_as(self.request, status, fields)
        if framing == wire.SIZED:
            self._left = next(int(value) for name, value in fields if name.lower() == b"content-length")
        if framing == wire.UNTIL_CLOSE or self._awaits_continue:
            self._persistent = False
        lines = [self._http.opening(status), wire.field_lines(fields)]
        if framing == wire.CHUNKS:
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(self._http.persistence(self._persistent))
        return b"".join([*lines, b"\r\n"])

    async def send(self, data: bytes) -> None:
        """As Exchange.send."""
        if self._gone:
            raise ClientGone
        if data and self._framing != wire.NOTHING:
            self._http.write(self._framed(data))
            self._sent += len(data)
        while self._http.blocked:
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
            self._http.write(wire.last_chunk(trailers))
        await self._finished()

    async def _finished(self) -> None:
        while self._http.blocked:
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
            self._http.write(head)
        else:
            self._sent, self._left = len(response.body), 0
            self._http.write(head + response.body)
        await self._finished()

    def abort(self, code: int = 0) -> None:  # noqa: ARG002 - a reset of TCP carries no code
        """As Exchange.abort: RST."""
        self._http.reset()
