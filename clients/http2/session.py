"""One HTTP/2 session with an origin: many calls at once over one connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from h2 import events
from h2.exceptions import ProtocolError
from hyperframe.frame import ExtensionFrame

from clients.http1.origin import Origin
from clients.http1.reply import Fields
from clients.http2.call import Body, Call, fields_of
from clients.http2.engine import Engine, Goaway, Promise
from clients.http2.errors import (
    ConnectError,
    HTTP2Error,
    ProtocolViolationError,
    SessionEndedError,
    TimedOutError,
)
from clients.http2.frames import FrameReader
from clients.http2.reply import Reply
from clients.trace import Trace, name_of

WITHIN = 10.0
_PIECE = 64 * 1024
_ORIGIN = 0xC
T = TypeVar("T")


class Session:
    """One connection to `origin`. `within` is seconds for each wait.

    `goaways`, `promises`, `alternatives` (ALTSVC values), `origins` and `pings` fill as frames come. Steps
    told to the trace: `connect`, `secureConnect`, `frame` (both ways), `end`, `error`, `timeout`, `close`.
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
        self.origin, self.within, self.trace = origin, within, trace or Trace()
        self.engine = Engine(settings or {}, strict=strict)
        self.calls: dict[int, Call] = {}
        self.goaways: list[Goaway] = []
        self.promises: list[Promise] = []
        self.alternatives: list[tuple[bytes, bytes]] = []
        self.origins: list[bytes] = []
        self.local: tuple[str, int] | None = None
        self.closed = False
        self._changed = asyncio.Event()
        self._pongs: set[bytes] = set()
        self._acknowledged = 0
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
        origin = self.origin
        opening = asyncio.open_connection(origin.address, origin.port, limit=_PIECE)
        try:
            self._reader, self._writer = await self.wait(opening, "connection")
            self.local = self._writer.get_extra_info("sockname")[:2]
            self.trace.local = name_of(self.local) if self.local else None
            self.trace.step("connect", address=origin.address, port=origin.port)
            if origin.context is not None:
                await self._secure(origin.context, origin.server_name)
        except (ssl.SSLError, OSError) as error:
            raise ConnectError(f"{origin.address} port {origin.port}: {error}") from error
        self._check_alpn()
        self.engine.initiate_connection()
        self._task = asyncio.create_task(self._read())
        await self.flush()

    async def _secure(self, context: ssl.SSLContext, name: str | None) -> None:
        """Shakes hands on the open connection; what fails is told, too, for the service saw it come."""
        try:
            await self.wait(self._writer.start_tls(context, server_hostname=name), "connection")
        except BaseException as error:
            self.trace.step("error", problem=str(error) or type(error).__name__)
            self._writer.transport.abort()
            raise

    def _check_alpn(self) -> None:
        secure = self._writer.get_extra_info("ssl_object")
        if secure is None:
            return
        alpn = secure.selected_alpn_protocol()
        self.trace.step("secureConnect", version=secure.version(), cipher=secure.cipher()[0], alpn=alpn)
        if alpn != "h2":
            self._writer.close()
            raise ConnectError(f"ALPN chose {alpn}, not h2")

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
        self._pongs.discard(payload)
        began = asyncio.get_running_loop().time()
        self.engine.ping(payload)
        await self.flush()
        await self.until(lambda: payload in self._pongs, "answer to PING")
        return asyncio.get_running_loop().time() - began

    async def update_settings(self, settings: dict[int, int]) -> None:
        """Changes settings of ours, and waits for the acknowledgement."""
        awaited = self._acknowledged + 1
        self.engine.update_settings({int(key): value for key, value in settings.items()})
        await self.flush()
        await self.until(lambda: self._acknowledged >= awaited, "acknowledgement of SETTINGS")

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
            while data := await self._reader.read(_PIECE):
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
        else:
            self._take_own(event)

    def _take_own(self, event: events.Event) -> None:
        """What concerns the session as a whole, or a stream that the server opens."""
        if isinstance(event, events.ConnectionTerminated):
            code, last = int(event.error_code or 0), event.last_stream_id or 0
            self.goaways.append(Goaway(code, last, event.additional_data or b""))
        elif isinstance(event, events.PingAckReceived):
            self._pongs.add(event.ping_data or b"")
        elif isinstance(event, events.SettingsAcknowledged):
            self._acknowledged += 1
        elif isinstance(event, events.PushedStreamReceived):
            self._promised(event)
        elif isinstance(event, events.AlternativeServiceAvailable):
            self.alternatives.append((event.origin or b"", event.field_value or b""))
        elif isinstance(event, events.UnknownFrameReceived):
            self._extension(event.frame)

    def _extension(self, frame: object) -> None:
        if isinstance(frame, ExtensionFrame) and frame.type == _ORIGIN:
            self.origins += entries(frame.body)

    def _promised(self, event: events.PushedStreamReceived) -> None:
        stream = event.pushed_stream_id or 0
        self.calls[stream] = Call(self, stream)
        self.promises.append(Promise(stream, event.parent_stream_id or 0, fields_of(event.headers)))

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


def entries(payload: bytes) -> list[bytes]:
    """The origins in an ORIGIN frame (RFC 8336 2)."""
    found = []
    while payload:
        size = int.from_bytes(payload[:2], "big")
        found.append(payload[2 : 2 + size])
        payload = payload[2 + size :]
    return found
