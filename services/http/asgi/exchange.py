"""An exchange carried by ASGI 3 (HTTP connection scope, spec 2.1 and later).

One message of the request is read ahead while the response is written, because only so does an ASGI
application learn that its client has gone.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from services.http.app.errors import ClientGone, MisusedExchange, NotOffered
from services.http.app.exchange import Exchange, Server
from services.http.app.message import Fields, Response
from services.http.asgi.scope import Message, Receive, Scope, Send, connection_of, request_of

# What is still read of a request that was answered early, so that the server's queue does not stall.
DRAIN_LIMIT = 1024 * 1024


class AsgiExchange(Exchange):
    """One `http` scope. Trailers are sent where the scope has that extension, 103 likewise; no other 1xx."""

    def __init__(self, server: Server, scope: Scope, receive: Receive, send: Send, number: int) -> None:
        self.server = server
        self.request = request_of(scope)
        self.connection = connection_of(scope, number)
        self.parameters = {}
        self.finished = False
        self._extensions = scope.get("extensions") or {}
        self._read, self._write = receive, send
        self._ahead: asyncio.Future[Message] | None = None
        self._hints: list[asyncio.Future[None]] = []
        self._ended = self._started = self._gone = self._trailing = False

    @property
    def trailers(self) -> Fields:
        """Empty: no ASGI server hands a request's trailer section on."""
        return ()

    async def receive(self) -> bytes:
        """See Exchange."""
        while not self._ended:
            message = await self._next()
            if message["type"] == "http.disconnect":
                self._gone = True
            self._check()
            self._ended = not message.get("more_body", False)
            if message.get("body"):
                return bytes(message["body"])
        return b""

    def inform(self, status: int, fields: Fields = ()) -> None:
        """Sends 103 where the server has early hints. Raises NotOffered for any other."""
        if self.request.version == "1.0":
            return
        if status != 103 or "http.response.early_hint" not in self._extensions:
            raise NotOffered(f"the interim response {status}")
        links = [value for name, value in fields if name.lower() == b"link"]
        hint = self._write({"type": "http.response.early_hint", "links": links})
        self._hints.append(asyncio.ensure_future(hint))

    async def start(self, status: int, fields: Fields = ()) -> None:
        """See Exchange. Trailers must be announced by the field `trailer`, for ASGI wants to know first."""
        if self._started:
            raise MisusedExchange("start was called twice")
        self._started = True
        await asyncio.gather(*self._hints)
        names = {name.lower() for name, _ in fields}
        self._trailing = b"trailer" in names and "http.response.trailers" in self._extensions
        unsaid = () if self._trailing else (b"trailer",)
        headers = [(name.lower(), value) for name, value in fields if name.lower() not in unsaid]
        message = {"type": "http.response.start", "status": status, "headers": headers}
        await self._put({**message, "trailers": True} if self._trailing else message)

    async def send(self, data: bytes) -> None:
        """See Exchange."""
        if not self._started or self.finished:
            raise MisusedExchange("send belongs between start and finish")
        self._look_ahead()
        if self.request.method == "HEAD":
            return
        await self._put({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self, trailers: Fields = ()) -> None:
        """See Exchange."""
        if not self._started or self.finished:
            raise MisusedExchange("finish follows start, once")
        await self._put({"type": "http.response.body", "body": b"", "more_body": False})
        if self._trailing:
            await self._put(
                {"type": "http.response.trailers", "headers": list(trailers), "more_trailers": False}
            )
        self.finished = True

    def abort(self, code: int = 0) -> None:  # noqa: ARG002 - ASGI carries no code
        """Leaves the response unfinished: all that ASGI has for it is to return."""
        self._gone = True

    async def respond(self, response: Response) -> None:
        """Sends a whole response, with its length."""
        names = {name.lower() for name, _ in response.fields}
        known = b"content-length" in names or response.trailers or response.status in (204, 304)
        length = () if known else ((b"content-length", b"%d" % len(response.body)),)
        announced = tuple((b"trailer", name) for name, _ in response.trailers if b"trailer" not in names)
        await self.start(response.status, (*response.fields, *length, *announced))
        if response.body:
            await self.send(response.body)
        await self.finish(response.trailers)

    async def drain(self) -> None:
        """Reads what the handler left of the request, up to DRAIN_LIMIT bytes."""
        rest = 0
        with suppress(ClientGone):
            while rest < DRAIN_LIMIT and (piece := await self.receive()):
                rest += len(piece)

    def close(self) -> None:
        """Gives up what was being read ahead."""
        if self._ahead is not None:
            self._ahead.cancel()

    async def _next(self) -> Message:
        if self._ahead is None:
            return await self._read()
        message = await self._ahead
        self._ahead = None
        return message

    def _look_ahead(self) -> None:
        if self._ahead is None:
            self._ahead = asyncio.ensure_future(self._read())
        elif self._ahead.done() and self._ahead.result()["type"] == "http.disconnect":
            self._gone = True

    async def _put(self, message: Message) -> None:
        self._check()
        try:
            await self._write(message)
        except OSError as error:
            raise ClientGone(str(error)) from error

    def _check(self) -> None:
        if self._gone:
            raise ClientGone("the client went away")
