"""One request on an HTTP/1.1 connection, being answered by a task of its own."""

from __future__ import annotations

from typing import TypeVar

from services.http.app.errors import ClientGone, MisusedExchange
from services.http.app.message import CONTINUE, Fields, Response, problem
from services.http.app.routing import answer
from services.http.reference.h1 import response as wire
from services.http.reference.h1.errors import H1Error
from services.http.reference.http1_abilities import Http1Tunnel, Http1Wire
from services.http.reference.http1_request import Inbound

A = TypeVar("A")


class Http1Exchange(Inbound):
    """The response's half, and the whole: from the request's announcement to the last byte of its answer."""

    # -- life ------------------------------------------------------------------------------------

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
        expectation, match = self.request.expectation, self.plan.match
        if expectation not in (None, CONTINUE):
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

    # -- the response ----------------------------------------------------------------------------

    def inform(self, status: int, fields: Fields = ()) -> None:
        """As Exchange.inform."""
        if not 102 <= status <= 199 or self._out.started:
            raise MisusedExchange(f"no interim response {status} can be sent now")
        self._announce()
        if self.request.version == "1.1" and not self._gone:
            self.http.write(wire.status_line(status) + wire.field_lines(fields) + b"\r\n")
            self._emit("information", {"status": status})

    def _begin_response(self, status: int) -> bytes:
        """The opening of the response. Content not asked for will not be read (RFC 9110 10.1.1)."""
        self._check()
        self._announce()
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
            self.http.write_all(framed)
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
            self.http.write_all(self.http.encoded(response))
            self._out.sent_whole(response)
        else:
            self.http.write_all(self._out.whole_response(opening, response))
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
        self._announce(event)
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
