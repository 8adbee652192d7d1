"""One connection: opened, then one call after another; the bytes are h11's."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from typing import TypeVar

import h11

from clients.http1.call import Body, Call
from clients.http1.errors import BadResponseError, ConnectError, ConnectionClosedError
from clients.http1.opening import PIECE, in_time, open_origin
from clients.http1.origin import Origin
from clients.http1.reply import Fields, Reply
from clients.trace import Trace

WITHIN = 10.0
_HEAD_LIMIT = 128 * 1024
T = TypeVar("T")


class Connection:
    """One socket to `origin`. `within` is seconds for each wait: for the connection, and for each read.

    Steps told to the trace: `connect`, `secureConnect`, `send`, `receive`, `end`, `error`, `timeout`,
    `abort`, `close`, and those of Call.
    """

    def __init__(self, origin: Origin, *, within: float = WITHIN, trace: Trace | None = None) -> None:
        self.origin = origin
        self.within = within
        self.trace = trace or Trace()
        self.h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT)
        self.calls = 0
        self.closed = False
        self.local: tuple[str, int] | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Connection:
        if self.local is None:
            await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Connects, and shakes hands where the origin is secure. Raises ConnectError, TimedOutError."""
        try:
            self._reader, self._writer = await open_origin(self.origin, self.trace, self.wait)
        except OSError as error:
            raise ConnectError(f"{self.origin.address} port {self.origin.port}: {error}") from error
        self.local = self._writer.get_extra_info("sockname")[:2]

    # -- calls -----------------------------------------------------------------------------------

    async def request(
        self,
        method: str,
        target: str,
        fields: Fields = (),
        body: Body = b"",
        *,
        trailers: Fields = (),
        expect: bool = False,
    ) -> Reply:
        """One whole exchange. With `expect` the body waits for 100 Continue, and a while at most.

        Where the response comes first, the body is never sent.
        """
        call = await self.start(method, target, fields, body, trailers=trailers, expect=expect)
        return await call.reply()

    async def start(
        self,
        method: str,
        target: str,
        fields: Fields = (),
        body: Body = b"",
        *,
        trailers: Fields = (),
        expect: bool = False,
    ) -> Call:
        """Sends the head; the Call does the rest, a step at a time."""
        call = Call(self, method, target, fields, body, trailers=trailers, expect=expect)
        self.calls += 1
        await call.begin()
        return call

    @property
    def idle(self) -> bool:
        """Whether a next call can begin, as far as can be seen: the server may be closing just now."""
        ended = self.closed or self._reader.at_eof() or self._writer.is_closing()
        return not ended and self.h11.our_state is h11.IDLE and self.h11.their_state is h11.IDLE

    def recycle(self) -> bool:
        """After a call: makes ready for the next one, if the server keeps the connection."""
        if self.h11.our_state is h11.DONE and self.h11.their_state is h11.DONE:
            self.h11.start_next_cycle()
        return self.idle

    # -- bytes -----------------------------------------------------------------------------------

    async def write(self, data: bytes) -> None:
        """Sends bytes as they are.

        A server that no longer reads is not an error yet: its answer may be waiting here.
        """
        self.trace.step("send", data=data)
        self._writer.write(data)
        try:
            await self.wait(self._writer.drain(), "readiness to take more")
        except OSError:
            self.trace.step("error", reset=True)

    def write_eof(self) -> None:
        """Half-closes: FIN (TLS has no such thing in asyncio)."""
        self.trace.step("end", side="client")
        self._writer.write_eof()

    async def read(self, what: str = "response") -> bytes:
        """What has come; b"" when the server has closed. Raises TimedOutError, ConnectionClosedError."""
        try:
            data = await self.wait(self._reader.read(PIECE), what)
        except ssl.SSLError as error:
            raise BadResponseError(str(error)) from error
        except OSError:
            self.trace.step("error", reset=True)
            raise ConnectionClosedError(reset=True) from None
        self.trace.step("receive", data=data) if data else self.trace.step("end", side="server")
        return data

    async def wait(self, waiting: Awaitable[T], what: str) -> T:
        """The result of `waiting`, in time. Raises TimedOutError."""
        return await in_time(waiting, what, self.within, self.trace)

    async def close(self) -> None:
        """Closes the socket."""
        if not self.closed:
            self.closed = True
            self.trace.step("close")
            self._writer.close()
            try:
                async with asyncio.timeout(self.within):
                    await self._writer.wait_closed()
            except TimeoutError:
                self._writer.transport.abort()
            except OSError as error:  # the peer was quicker
                self.trace.step("error", problem=str(error))

    def abort(self) -> None:
        """Closes at once, whatever is under way."""
        self.closed = True
        self.trace.step("abort")
        self._writer.transport.abort()
