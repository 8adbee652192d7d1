"""One request and its response, both halves at once, on one connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

import h11

from clients.http1.errors import BadResponseError, ConnectionClosedError
from clients.http1.reply import Fields, Interim, Reply
from clients.http1.tunnel import Tunnel

if TYPE_CHECKING:
    from clients.http1.connection import Connection

Body = bytes | AsyncIterable[bytes]

CONTINUE_SHARE = 1 / 5
"""How much of the time for any wait 100 Continue is given: behind it may be a server that never sends one."""


class Call:
    """Begun by its connection; then `send`/`end` and `head`/`pieces`, or simply `reply`.

    Steps told to the trace: `socket` (reused or not), `continue`, `continueTimeout`, `information`,
    `response`, `upgrade`, `connect`.
    """

    def __init__(
        self,
        connection: Connection,
        method: str,
        target: str,
        fields: Fields,
        body: Body,
        *,
        trailers: Fields,
        expect: bool,
    ) -> None:
        self._connection, self._h11, self._trace = connection, connection.h11, connection.trace
        self._method, self._target = method, target
        self._body, self._trailers, self._expect = body, trailers, expect
        self._fields = self._framed(fields)
        self._reused = connection.calls > 0
        self._interims: list[Interim] = []
        self._continued = asyncio.Event()
        self._head: h11.Response | h11.InformationalResponse | None = None
        self._trailing: Fields = ()
        self._received = 0
        self.tunnel: Tunnel | None = None

    def _framed(self, fields: Fields) -> Fields:
        names = {name.lower() for name, _ in fields}
        added = [] if b"host" in names else [(b"host", self._connection.origin.authority.encode())]
        if self._expect:
            added.append((b"expect", b"100-continue"))
        if not names & {b"content-length", b"transfer-encoding"}:
            if not isinstance(self._body, bytes) or self._trailers:
                added.append((b"transfer-encoding", b"chunked"))
            elif self._body or self._method in ("POST", "PUT", "PATCH"):
                added.append((b"content-length", b"%d" % len(self._body)))
        return (*added, *fields)

    # -- the request -----------------------------------------------------------------------------

    async def begin(self) -> None:
        """Sends the head."""
        self._trace.step("socket", reused=self._reused)
        await self._send(
            h11.Request(method=self._method, target=self._target.encode(), headers=list(self._fields))
        )

    async def send(self, data: bytes) -> None:
        """Sends a piece of content."""
        await self._send(h11.Data(data=data))

    async def end(self, trailers: Fields = ()) -> None:
        """Ends the request."""
        await self._send(h11.EndOfMessage(headers=list(trailers)))

    async def _send(self, event: h11.Event) -> None:
        try:
            data = self._h11.send(event)
        except h11.LocalProtocolError as error:
            raise ValueError(f"no client may send that: {error}") from error
        if data:
            await self._connection.write(data)

    async def _may_send(self) -> bool:
        """Whether the content is to go out: the server said so, or said nothing (RFC 9110 10.1.1).

        A client SHOULD NOT wait for an indefinite period; behind a final response it sends nothing.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(self._connection.within * CONTINUE_SHARE):
                await self._continued.wait()
        if self._head is None and not self._continued.is_set():
            self._trace.step("continueTimeout")
            self._continued.set()
        return self._continued.is_set()

    async def _upload(self) -> None:
        if self._expect and not await self._may_send():
            return
        if isinstance(self._body, bytes):
            if self._body:
                await self.send(self._body)
        else:
            async for piece in self._body:
                await self.send(piece)
        await self.end(self._trailers)

    # -- the response ----------------------------------------------------------------------------

    async def reply(self) -> Reply:
        """Sends the content while the response is read, since that may come first; the whole response.

        A request that is still going out when the response is whole is broken off.
        """
        upload = asyncio.ensure_future(self._upload())
        try:
            head = await self._await_head()
            body = b"".join([piece async for piece in self.pieces()])
            if not self._expect or self._continued.is_set():
                await self._upload_ends(upload)
        finally:
            upload.cancel()
            await asyncio.gather(upload, return_exceptions=True)
        return self._as_reply(head, body, persistent=self._connection.recycle())

    async def _upload_ends(self, upload: asyncio.Future[None]) -> None:
        """What is left of a content in memory is sent; an endless one is not waited for."""
        if isinstance(self._body, bytes):
            await self._connection.wait(upload, "end of the request")

    async def head(self) -> Reply:
        """The response without its content, as soon as its head is here."""
        return self._as_reply(await self._await_head(), b"", persistent=False)

    def _as_reply(
        self, head: h11.Response | h11.InformationalResponse, body: bytes, *, persistent: bool
    ) -> Reply:
        return Reply(
            head.status_code,
            head.reason.decode("latin-1"),
            head.http_version.decode("ascii"),
            tuple(head.headers.raw_items()),
            body,
            self._trailing,
            tuple(self._interims),
            self._reused,
            persistent,
            self._connection.local,
        )

    async def _await_head(self) -> h11.Response | h11.InformationalResponse:
        while self._head is None:
            event = await self._event()
            if isinstance(event, h11.InformationalResponse):
                self._inform(event)
            elif isinstance(event, h11.Response):
                self._head = event
                self._trace.step("response", status=event.status_code)
                if self._method == "CONNECT" and 200 <= event.status_code < 300:
                    self._open_tunnel("connect")
        return self._head

    def _inform(self, event: h11.InformationalResponse) -> None:
        status, fields = event.status_code, tuple(event.headers.raw_items())
        if status == 101:
            self._head = event
            self._open_tunnel("upgrade")
            return
        self._interims.append(Interim(status, event.reason.decode("latin-1"), fields))
        if status == 100:
            self._trace.step("continue")
            self._continued.set()
        else:
            self._trace.step("information", status=status)

    def _open_tunnel(self, event: str) -> None:
        self._trace.step(event)
        self.tunnel = Tunnel(self._connection, bytes(self._h11.trailing_data[0]))

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content, piece by piece. Raises ConnectionClosedError when it is cut short."""
        await self._await_head()
        while self.tunnel is None:
            event = await self._event()
            if isinstance(event, h11.Data):
                self._received += len(event.data)
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._trailing = tuple(event.headers.raw_items())
                return

    async def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """What the server sent next."""
        ended = False
        try:
            event = self._h11.next_event()
            while event is h11.NEED_DATA:
                data = await self._connection.read()
                ended = not data
                self._h11.receive_data(data)
                event = self._h11.next_event()
        except h11.RemoteProtocolError as error:
            if ended:
                raise ConnectionClosedError(reset=False, received=self._received) from error
            raise BadResponseError(str(error)) from error
        if isinstance(event, h11.ConnectionClosed):
            raise ConnectionClosedError(reset=False, received=self._received)
        return event
