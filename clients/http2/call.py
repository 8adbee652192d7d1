"""One stream: a request and its response, both halves at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TYPE_CHECKING

from h2 import events

from clients.http1.reply import Fields
from clients.http2.errors import HTTP2Error, StreamResetError
from clients.http2.reply import Interim, Reply

if TYPE_CHECKING:
    from clients.http2.session import Session

Body = bytes | AsyncIterable[bytes]
Headers = Iterable[tuple[bytes, bytes]] | None


class Call:
    """Begun by its session; then `send`/`end` and `head`/`pieces`, or simply `reply`.

    `interims`, `fields`, `trailers` and `priority` fill as frames come. `reset_code` is that of RST_STREAM.
    """

    def __init__(self, session: Session, stream: int) -> None:
        self.stream = stream
        self.status: int | None = None
        self.fields: Fields = ()
        self.trailers: Fields = ()
        self.interims: list[Interim] = []
        self.reset_code: int | None = None
        self.ended = False
        self._session = session
        self._pieces: list[tuple[bytes, int]] = []
        self._changed = asyncio.Event()
        self._failure: HTTP2Error | None = None

    # -- the request -----------------------------------------------------------------------------

    async def send(self, data: bytes, *, end: bool = False) -> None:
        """Sends content as the windows allow, and ends the request with it if `end`."""
        engine = self._session.engine
        view = memoryview(data)
        while view:
            size = min(
                len(view), engine.local_flow_control_window(self.stream), engine.max_outbound_frame_size
            )
            if size > 0:
                engine.send_data(self.stream, bytes(view[:size]), end_stream=end and size == len(view))
                view = view[size:]
                await self._session.flush()
            else:
                await self._change("window")
        if end and not data:
            await self.end()

    async def end(self, trailers: Fields = ()) -> None:
        """Ends the request, with a trailer section if there is one."""
        if trailers:
            self._session.engine.send_headers(self.stream, list(trailers), end_stream=True)
        else:
            self._session.engine.end_stream(self.stream)
        await self._session.flush()

    async def reset(self, code: int = 8) -> None:
        """RST_STREAM; CANCEL unless told otherwise."""
        self._session.engine.reset_stream(self.stream, code)
        await self._session.flush()

    async def upload(self, body: Body, trailers: Fields = ()) -> None:
        """Sends the whole content, piece by piece, and ends the request."""
        if isinstance(body, bytes):
            await self.send(body, end=not trailers)
        else:
            async for piece in body:
                await self.send(piece)
        if trailers or not isinstance(body, bytes):
            await self.end(trailers)

    # -- the response ----------------------------------------------------------------------------

    async def reply(self) -> Reply:
        """The whole response."""
        return self.as_reply(b"".join([piece async for piece in self.pieces()]))

    async def head(self) -> Reply:
        """The response without its content, as soon as its head is here."""
        while self.status is None:
            await self._change("response")
        return self.as_reply(b"")

    async def interim(self) -> Interim:
        """The newest interim response, as soon as there is one."""
        while not self.interims:
            await self._change("interim response")
        return self.interims[-1]

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content; what is taken out is given back to the server's window."""
        while not self.ended or self._pieces:
            if not self._pieces:
                await self._change("content")
                continue
            data, flow = self._pieces.pop(0)
            await self._session.consumed(self.stream, flow)
            if data:
                yield data

    def as_reply(self, body: bytes) -> Reply:
        """What has come so far, with `body` as its content."""
        status = self.status if self.status is not None else 0
        return Reply(
            self.stream, status, self.fields, body, self.trailers, tuple(self.interims), self._session.local
        )

    async def closed(self) -> int:
        """Waits for the end of the stream; its error code, 0 for a clean end."""
        while not self.ended:
            try:
                await self._change("end of the stream")
            except StreamResetError as error:
                return error.code
        return self.reset_code or 0

    async def _change(self, what: str) -> None:
        """Waits until a frame for this stream has come. Raises what ended it."""
        if self._failure is not None:
            raise self._failure
        self._changed.clear()
        await self._session.wait(self._changed.wait(), what)

    # -- what the session tells ------------------------------------------------------------------

    def take(self, event: events.Event) -> None:
        """Something has happened on this stream."""
        if isinstance(event, events.InformationalResponseReceived):
            status, fields = split(event.headers)
            self.interims.append(Interim(status, fields))
        elif isinstance(event, events.ResponseReceived):
            self.status, self.fields = split(event.headers)
        elif isinstance(event, events.DataReceived):
            self._pieces.append((event.data or b"", event.flow_controlled_length or 0))
        elif isinstance(event, events.TrailersReceived):
            self.trailers = fields_of(event.headers)
        elif isinstance(event, events.StreamEnded):
            self.ended = True
        elif isinstance(event, events.StreamReset):
            self._reset(int(event.error_code or 0))
        self._changed.set()

    def _reset(self, code: int) -> None:
        self.reset_code = code
        if code or not self.ended:
            self._failure = StreamResetError(self.stream, code)

    def fail(self, error: HTTP2Error) -> None:
        """The session has ended."""
        if not self.ended:
            self._failure = error
        self._changed.set()


def fields_of(headers: Headers) -> Fields:
    """The library's header tuples as plain pairs of bytes."""
    return tuple((bytes(name), bytes(value)) for name, value in headers or ())


def split(headers: Headers) -> tuple[int, Fields]:
    """`:status`, and the regular fields."""
    fields = fields_of(headers)
    status = next((int(value) for name, value in fields if name == b":status"), 0)
    return status, tuple(field for field in fields if not field[0].startswith(b":"))
