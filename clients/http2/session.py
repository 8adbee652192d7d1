"""One HTTP/2 session with an origin: many calls at once over one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from h2 import events
from h2.exceptions import ProtocolError

from clients.http1.opening import PIECE, open_origin
from clients.http1.origin import Origin
from clients.http1.reply import Fields
from clients.http2.call import Body, Call
from clients.http2.engine import Engine
from clients.http2.errors import (
    ConnectError,
    HTTP2Error,
    ProtocolViolationError,
    SessionEndedError,
    TimedOutError,
)
from clients.http2.frames import FrameReader
from clients.http2.heard import Heard
from clients.http2.reply import Reply
from clients.trace import Trace

WITHIN = 10.0
T = TypeVar("T")


class Session(Heard):
    """One connection to `origin`. `within` is seconds for each wait.

    Steps told to the trace: `connect`, `secureConnect`, `frame` (both ways), `end`, `error`, `timeout`,
    `close`.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        settings: dict[int, int] | None = None,
        within: float = WITHIN,
        trace: Trace | None = None,
        strict: bool = True,
    ) -> None:
        super().__init__()
        self.origin, self.within, self.trace = origin, within, trace or Trace()
        self.engine = Engine(settings or {}, strict=strict)
        self.calls: dict[int, Call] = {}
        self.local: tuple[str, int] | None = None
        self.closed = False
        self._changed = asyncio.Event()
        self._seen_sent, self._seen_received = FrameReader("send"), FrameReader("receive")
        self._task: asyncio.Task[None] | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Session:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Connects and sends the preface. Raises ConnectError, TimedOutError."""
        try:
            self._reader, self._writer = await open_origin(self.origin, self.trace, self.wait)
        except OSError as error:
            raise ConnectError(f"{self.origin.address} port {self.origin.port}: {error}") from error
        self.local = self._writer.get_extra_info("sockname")[:2]
        self._check_alpn()
        self.engine.initiate_connection()
        self._task = asyncio.create_task(self._read())
        await self.flush()

    def _check_alpn(self) -> None:
        tls = self._writer.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() != "h2":
            self._writer.close()
            raise ConnectError(f"ALPN chose {tls.selected_alpn_protocol()}, not h2")

    # -- calls -----------------------------------------------------------------------------------

    async def get(self, target: str, fields: Fields = ()) -> Reply:
        """GET."""
        return await self.request("GET", target, fields)

    async def post(self, target: str, body: Body, fields: Fields = ()) -> Reply:
        """POST."""
        return await self.request("POST", target, fields, body)

    async def request(
        self,
        method: str,
        target: str,
        fields: Fields = (),
        body: Body = b"",
        *,
        trailers: Fields = (),
    ) -> Reply:
        """One whole exchange; the content is sent while the response is read, since that may come first."""
        whole = body == b"" and not trailers
        call = await self.start(method, target, fields, end=whole)
        upload = asyncio.ensure_future(asyncio.sleep(0) if whole else call.upload(body, trailers))
        try:
            return await call.reply()
        finally:
            upload.cancel()
            await asyncio.gather(upload, return_exceptions=True)

    async def start(
        self, method: str, target: str, fields: Fields = (), *, end: bool = False, protocol: str | None = None
    ) -> Call:
        """Sends a request's head; the Call does the rest, a step at a time. CONNECT takes HOST:PORT."""
        return await self.start_raw(self._head(method, target, fields, protocol), end=end)

    async def start_raw(self, fields: Fields, *, end: bool = True) -> Call:
        """Sends a head of exactly these fields, pseudo-fields and all."""
        self._alive()
        stream = self.engine.get_next_available_stream_id()
        call = self.calls[stream] = Call(self, stream)
        try:
            self.engine.send_headers(stream, list(fields), end_stream=end)
        except ProtocolError as error:
            raise ValueError(f"no client may send that: {error}") from error
        await self.flush()
        return call

    def _head(self, method: str, target: str, fields: Fields, protocol: str | None) -> Fields:
        authority = self.origin.authority.encode()
        if method == "CONNECT" and protocol is None:
            return ((b":method", b"CONNECT"), (b":authority", target.encode()), *fields)
        head = (
            (b":method", method.encode()),
            (b":scheme", self.origin.scheme.encode()),
            (b":authority", authority),
            (b":path", target.encode()),
        )
        extended = ((b":protocol", protocol.encode()),) if protocol is not None else ()
        return (*head, *extended, *fields)

    # -- the session -----------------------------------------------------------------------------

    async def ping(self, payload: bytes = b"wireyard") -> float:
        """PING; the seconds until its answer."""
        self.pongs.discard(payload)
        began = asyncio.get_running_loop().time()
        self.engine.ping(payload)
        await self.flush()
        await self.until(lambda: payload in self.pongs, "answer to PING")
        return asyncio.get_running_loop().time() - began

    async def update_settings(self, settings: dict[int, int]) -> None:
        """Changes settings of ours, and waits for the acknowledgement."""
        awaited = self.acknowledged + 1
        self.engine.update_settings({int(key): value for key, value in settings.items()})
        await self.flush()
        await self.until(lambda: self.acknowledged >= awaited, "acknowledgement of SETTINGS")

    async def goaway(self, code: int = 0, last_stream: int = 0, debug: bytes = b"") -> None:
        """GOAWAY; the streams that are open go on."""
        self.engine.close_connection(code, debug, last_stream)
        await self.flush()

    async def send_frame(self, frame: bytes) -> None:
        """Sends a frame's octets as they are."""
        self._write(frame)
        await self._drain()

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits until `condition()` holds. Raises TimedOutError, SessionEndedError."""
        while not condition():
            self._alive()
            self._changed.clear()
            await self.wait(self._changed.wait(), what)

    def _alive(self) -> None:
        if self.closed or self._task is None or self._task.done():
            raise self._ended()

    def _ended(self) -> SessionEndedError:
        if not self.goaways:
            return SessionEndedError()
        last = self.goaways[-1]
        return SessionEndedError(last.code, last.last_stream, last.debug)

    # -- bytes -----------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Writes what the library wants written."""
        self._write(self.engine.data_to_send())
        await self._drain()

    def _write(self, data: bytes) -> None:
        if data:
            for step in self._seen_sent.feed(data):
                self.trace.step("frame", **step)
            self._writer.write(data)

    async def _drain(self) -> None:
        try:
            await self.wait(self._writer.drain(), "readiness to take more")
        except OSError:
            self.trace.step("error", reset=True)

    async def consumed(self, stream: int, size: int) -> None:
        """Gives `size` octets back to the server's windows."""
        if size:
            with suppress(ProtocolError):
                self.engine.acknowledge_received_data(size, stream)
            await self.flush()

    async def _read(self) -> None:
        """Feeds the library until the connection ends, and tells everyone what came."""
        failure: HTTP2Error | None = None
        try:
            while data := await self._reader.read(PIECE):
                for step in self._seen_received.feed(data):
                    self.trace.step("frame", **step)
                for event in self.engine.receive_data(data):
                    self._take(event)
                self._changed.set()
                self._write(self.engine.data_to_send())
            self.trace.step("end", side="server")
        except ProtocolError as error:
            failure = ProtocolViolationError(str(error))
            self._write(self.engine.data_to_send())
        except OSError:
            self.trace.step("error", reset=True)
        for call in self.calls.values():
            call.fail(failure or self._ended())
        self._changed.set()

    def _take(self, event: events.Event) -> None:
        stream = getattr(event, "stream_id", None)
        call = self.calls.get(stream) if stream else None
        if isinstance(event, events.WindowUpdated | events.RemoteSettingsChanged):
            for each in [call] if call is not None else self.calls.values():
                each.take(event)
        elif call is not None:
            call.take(event)
        elif isinstance(event, events.PushedStreamReceived):
            promise = self.promised(event)
            self.calls[promise.stream] = Call(self, promise.stream)
        else:
            self.take(event)

    async def wait(self, waiting: Awaitable[T], what: str) -> T:
        """The result of `waiting`, in time. Raises TimedOutError."""
        try:
            async with asyncio.timeout(self.within):
                return await waiting
        except TimeoutError:
            self.trace.step("timeout", waiting=what)
            raise TimedOutError(what, self.within) from None

    async def close(self) -> None:
        """Says GOAWAY where the session is still alive, and closes the connection."""
        if self.closed:
            return
        if self._task is not None and not self._task.done():
            with suppress(ProtocolError):
                self.engine.close_connection()
            self._write(self.engine.data_to_send())
        self.closed = True
        self.trace.step("close")
        self._writer.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self.within):
                await self._writer.wait_closed()
