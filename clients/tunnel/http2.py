"""CONNECT over HTTP/2, with the `h2` library as its codec: many tunnels on one connection (RFC 9113 8.5).

    async with await open_session(proxy) as session:
        tunnel = await session.open("http1.wireyard.test:80")
        await tunnel.send(b"…")
        data = await tunnel.receive()

What is not received is not acknowledged: a tunnel that nobody reads stops its target, and no other tunnel
once the session's window is larger than the streams'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import h2.errors
import h2.events
import h2.exceptions

from clients.http2.engine import Engine
from clients.net.errors import EndedEarly, Insecure, NotHTTP, ProxyRefusal, Reset, TimedOut
from clients.net.stream import WITHIN, Stream, connect
from clients.trace import Trace
from clients.tunnel.http1 import Fields, Proxy

SESSION_WINDOW = 16 * 1024 * 1024


class Http2Tunnel:
    """One stream as a tunnel. Every method raises NetError, and nothing else."""

    def __init__(self, session: Session, stream_id: int) -> None:
        self.session, self.id = session, stream_id
        self.status = 0
        self.fields: dict[str, str] = {}
        self.ended = False
        self.code: int | None = None
        """The error code of a reset, the other side's or the session's."""
        self._received: list[tuple[bytes, int]] = []
        self._silent = True

    async def send(self, data: bytes) -> None:
        """Sends all of `data`, as the windows allow."""
        codec = self.session.codec
        while data:
            await self.session.until(lambda: self.code is not None or self._room() > 0, "send")
            self._check("send")
            size = min(self._room(), len(data), codec.max_outbound_frame_size)
            codec.send_data(self.id, data[:size])
            data = data[size:]
            await self.session.flush()

    async def end(self) -> None:
        """END_STREAM: nothing more will be sent."""
        self._check("end")
        self.session.codec.end_stream(self.id)
        await self.session.flush()

    async def receive(self) -> bytes:
        """What comes next; empty at the other side's END_STREAM. Raises Reset."""
        await self.session.until(self._readable, "receive")
        if self._received:
            data, flow = self._received.pop(0)
            if flow:
                self.session.codec.acknowledge_received_data(flow, self.id)
                await self.session.flush()
            return data
        self._check("receive")
        return b""

    async def receive_exactly(self, size: int) -> bytes:
        """`size` bytes; what is left of the last piece stays. Raises EndedEarly if the end comes first."""
        data = b""
        while len(data) < size:
            piece = await self.receive()
            if not piece:
                raise EndedEarly("receive", f"only {len(data)} of {size} bytes came", data)
            data += piece
        if len(data) > size:
            self._received.insert(0, (data[size:], 0))
        return data[:size]

    async def receive_rest(self) -> bytes:
        """Everything up to the end."""
        data = bytearray()
        while piece := await self.receive():
            data += piece
        return bytes(data)

    async def reset(self) -> None:
        """RST_STREAM with CANCEL."""
        self.session.codec.reset_stream(self.id, h2.errors.ErrorCodes.CANCEL)
        await self.session.flush()

    def arrived(self, data: bytes, flow: int) -> None:
        """DATA has come."""
        if self._silent and data:
            self._silent = False
            self.session.stream.trace.step("firstByte", stream=self.id)
        self._received.append((data, flow))

    def finished(self) -> None:
        """END_STREAM has come."""
        self.ended = True
        self.session.stream.trace.step("endReceived", stream=self.id)

    def _readable(self) -> bool:
        return bool(self._received) or self.ended or self.code is not None

    def _room(self) -> int:
        return self.session.codec.local_flow_control_window(self.id)

    def _check(self, step: str) -> None:
        if self.code is not None:
            raise Reset(step, f"stream {self.id} was reset: {_name(self.code)}")


class Session:
    """One HTTP/2 connection to a proxy."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.within = stream, stream.within
        self.codec = Engine({})
        self.tunnels: dict[int, Http2Tunnel] = {}
        self.settled = False
        """The proxy's SETTINGS have come."""
        self._lost: Exception | None = None
        self._changed = asyncio.Condition()
        self._reading: asyncio.Task[None]

    async def begin(self) -> None:
        """The preface and a session window; returns once the proxy's own SETTINGS have come."""
        self.codec.initiate_connection()
        self.codec.increment_flow_control_window(SESSION_WINDOW)
        await self.flush()
        self._reading = asyncio.get_running_loop().create_task(self._read())
        await self.until(lambda: self.settled, "settings")

    async def open(self, target: str, *, fields: Fields = (), early: bytes = b"") -> Http2Tunnel:
        """A tunnel to `target` (HOST:PORT). Raises ProxyRefusal for any answer but 2xx."""
        stream_id = self.codec.get_next_available_stream_id()
        tunnel = self.tunnels[stream_id] = Http2Tunnel(self, stream_id)
        self.stream.trace.step("CONNECT", target=target, stream=stream_id)
        self.codec.send_headers(stream_id, [(":method", "CONNECT"), (":authority", target), *fields])
        if early:
            self.codec.send_data(stream_id, early)
        await self.flush()
        await self.until(lambda: bool(tunnel.status) or tunnel.code is not None, "CONNECT")
        if tunnel.code is not None:
            raise Reset("CONNECT", f"stream {stream_id} was reset: {_name(tunnel.code)}")
        self.stream.trace.step("response", status=tunnel.status, stream=stream_id)
        if not 200 <= tunnel.status < 300:
            raise ProxyRefusal(tunnel.status, tunnel.fields, (await tunnel.receive_rest()).decode())
        return tunnel

    async def flush(self) -> None:
        """Writes what the codec has."""
        data = self.codec.data_to_send()
        if data:
            await self.stream.send(data)

    async def until(self, true: Callable[[], bool], step: str) -> None:
        """Waits until `true` holds. Raises TimedOut, and what ended the session."""
        try:
            async with asyncio.timeout(self.within), self._changed:
                await self._changed.wait_for(lambda: true() or self._lost is not None)
        except TimeoutError:
            raise TimedOut(step, "nothing came in time") from None
        if not true() and self._lost is not None:
            raise self._lost

    async def close(self) -> None:
        """GOAWAY, and the connection's end."""
        self._reading.cancel()
        with suppress(h2.exceptions.ProtocolError):
            self.codec.close_connection()
        if self._lost is None:
            await self.flush()
        await self.stream.close()

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _read(self) -> None:
        self.stream.within = max(self.stream.within, 60.0)
        try:
            while data := await self.stream.receive():
                for event in self.codec.receive_data(data):
                    self._handle(event)
                await self.flush()
                await self._tell()
            self._lost = EndedEarly("receive", "the proxy closed the session")
        except h2.exceptions.ProtocolError as error:
            self._lost = NotHTTP("receive", str(error))
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            self._lost = error
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _handle(self, event: h2.events.Event) -> None:
        tunnel = self.tunnels.get(getattr(event, "stream_id", None) or 0)
        match event:
            case h2.events.RemoteSettingsChanged():
                self.settled = True
            case h2.events.ResponseReceived() if tunnel:
                tunnel.fields = {_text(name): _text(value) for name, value in event.headers}
                tunnel.status = int(tunnel.fields[":status"])
            case h2.events.DataReceived() if tunnel:
                tunnel.arrived(event.data, event.flow_controlled_length)
            case h2.events.StreamEnded() if tunnel:
                tunnel.finished()
            case h2.events.StreamReset() if tunnel:
                tunnel.code = int(event.error_code)


async def open_session(proxy: Proxy, *, trace: Trace | None = None, within: float = WITHIN) -> Session:
    """An HTTP/2 session with a proxy, over TLS. Raises Insecure when ALPN does not choose `h2`."""
    if proxy.tls is None:
        raise Insecure("secureConnect", "HTTP/2 to a proxy needs TLS, and so a context")
    stream = await connect(proxy.host, proxy.port, trace=trace, within=within)
    with ExitStack() as unless_open:
        unless_open.callback(stream.abort)
        await stream.secure(proxy.tls, proxy.authority or proxy.host)
        chosen = stream.writer.get_extra_info("ssl_object").selected_alpn_protocol()
        if chosen != "h2":
            raise Insecure("secureConnect", f"ALPN chose {chosen!r}, not 'h2'")
        session = Session(stream)
        await session.begin()
        unless_open.pop_all()
        return session


def _name(code: int) -> str:
    try:
        return h2.errors.ErrorCodes(code).name
    except ValueError:
        return hex(code)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
