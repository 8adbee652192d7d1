"""An exchange carried by one HTTP/2 stream."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from services.http.app.errors import ClientGone, MisusedExchange
from services.http.app.exchange import Exchange
from services.http.app.message import CONTINUE, Fields, Request, Response
from services.http.reference.h2 import ActionRefused, Connection, StreamGone
from services.http.reference.h2.compression import encode
from services.http.reference.http2_abilities import Http2Session, Http2Tunnel
from services.http.reference.http2_encoding import interim, regular

if TYPE_CHECKING:
    from services.http.reference.http2 import Http2

A = TypeVar("A")

LOW_WATER = 65_536
"""Octets queued in a stream at which its sender may go on."""


class Http2Exchange(Exchange):
    """One stream of a session. `failed` is its error code once it has closed early."""

    stream: int

    def __init__(self, session: Http2, stream: int, request: Request, whole: bool) -> None:
        self.server = session.site.server
        self.connection = session.connection
        self.request = request
        self.parameters: Mapping[str, str] = {}
        self.stream = stream
        self.status = 0
        self.finished = False
        self.closed = False
        self.content_ended = whole
        self.task: asyncio.Task[None] | None = None
        """The handler at work."""
        self._session = session
        self._trailers: Fields = ()
        self._content: deque[tuple[bytes, int]] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._bodiless = request.method == "HEAD"
        self._expects = not whole and request.expectation == CONTINUE

    @property
    def trailers(self) -> Fields:
        """See Exchange."""
        return self._trailers

    async def receive(self) -> bytes:
        """See Exchange. What is taken out is given back to the client's window."""
        if self._expects and not self.status:
            self._continue()
        while not self._content:
            if self.content_ended:
                return b""
            self._check()
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        data, flow = self._content.popleft()
        self._session.consumed(self.stream, flow)
        return data or await self.receive()

    def _continue(self) -> None:
        self._expects = False
        if not self._content and not self.closed:
            self.inform(100)

    def inform(self, status: int, fields: Fields = ()) -> None:
        """See Exchange."""
        self._act(lambda core: core.send_informational(self.stream, interim(status, fields)))
        self.server.journal.emit("information", self.connection, self.stream, {"status": status})

    async def start(self, status: int, fields: Fields = ()) -> None:
        """See Exchange. A response to HEAD, and 204, 205 and 304, end with their head (RFC 9110 6.4.1)."""
        self._bodiless = self._bodiless or status in (204, 205, 304)
        if self.status:
            raise MisusedExchange("start was called twice")
        block = self._session.heads.head(status, fields)
        self._act(lambda core: core.send_head(self.stream, block, self._bodiless))
        self.status = status

    async def send(self, data: bytes) -> None:
        """See Exchange."""
        if not self.status or self.finished:
            raise MisusedExchange("send belongs between start and finish")
        if self._bodiless or not data:
            return
        self._act(lambda core: core.send_data(self.stream, data))
        await self._drained()

    async def finish(self, trailers: Fields = ()) -> None:
        """See Exchange."""
        if not self.status or self.finished:
            raise MisusedExchange("finish comes once, after start")
        self.finished = True
        if self._bodiless:
            return
        if trailers:
            block = encode(regular(trailers))
            self._act(lambda core: core.send_trailers(self.stream, block))
        else:
            self._act(lambda core: core.send_data(self.stream, b"", end_stream=True))

    async def respond(self, response: Response) -> None:
        """See Exchange; head and content go together."""
        if response.trailers or self.status:
            await super().respond(response)
            return
        self.answer(response)

    def answer(self, response: Response) -> None:
        """The whole response, at once."""
        self.status = response.status
        self.finished = True
        self._check()
        self._session.answer(self.stream, response, bodiless=self._bodiless)

    def ability(self, kind: type[A]) -> A:
        """Session, and Tunnel for CONNECT. Raises NotOffered."""
        if issubclass(Http2Session, kind):
            return cast("A", Http2Session(self._session, self.stream))
        if issubclass(Http2Tunnel, kind) and self.request.method == "CONNECT":
            return cast("A", Http2Tunnel(self))
        return super().ability(kind)

    def abort(self, code: int = 0) -> None:
        """See Exchange."""
        if not self.closed:
            self._act(lambda core: core.reset(self.stream, code))

    # What the session tells

    @property
    def whole(self) -> bool:
        """Whether both request and response have come to their ends."""
        return self.content_ended and self.finished

    @property
    def waits(self) -> bool:
        """Whether the handler waits for the client: for content, or for room to send."""
        return any(future is not None and not future.done() for future in (self._arrival, self._room))

    def arrived(self, data: bytes, flow: int, ended: bool) -> None:
        """Content has come; `flow` octets go back to the windows once it is read."""
        self.content_ended = ended
        self._content.append((data, flow))
        _wake(self._arrival)

    def whole_content(self, limit: int) -> bytes | None:
        """All of the content, taken out, where it has come to its end and is at most `limit` octets long."""
        content = b"".join([data for data, _ in self._content]) if self.content_ended else None
        if content is None or len(content) > limit:
            return None
        flow = sum(size for _, size in self._content)
        self._content.clear()
        self._session.consumed(self.stream, flow)
        return content

    def ended(self, trailers: Fields) -> None:
        """The trailer section has come, and with it the end."""
        self._trailers = trailers
        self.content_ended = True
        _wake(self._arrival)

    def drained(self) -> None:
        """There is room again for content."""
        _wake(self._room)

    def gone(self) -> int:
        """The stream has closed; returns the octets of flow that nobody has read."""
        if self.task is not None and not (self.finished or self.waits):
            self.task.cancel()  # it waits for something else, and nobody wants its answer
        self.closed = True
        _wake(self._arrival)
        _wake(self._room)
        if not self._content:
            return 0
        unread = sum(flow for _, flow in self._content)
        self._content.clear()
        return unread

    async def _drained(self) -> None:
        while self._session.queued(self.stream) > LOW_WATER:
            self._room = asyncio.get_running_loop().create_future()
            self._session.waiting[self.stream] = self
            await self._room
        self._check()

    def _check(self) -> None:
        if self.closed:
            raise ClientGone

    def _act(self, action: Callable[[Connection], object]) -> None:
        """Let the core do something, and write it out with whatever else this turn of the loop brings."""
        self._check()
        try:
            action(self._session.core)
        except StreamGone as error:
            raise ClientGone from error
        except ActionRefused as error:
            raise MisusedExchange(str(error)) from error
        self._session.flush_soon()


def _wake(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
