"""The loop side of one HTTP/2 connection to the proxy: each CONNECT stream is a tunnel (RFC 9113 8.5)."""

from __future__ import annotations

import asyncio
from typing import cast

from services.http.reference.h2 import Connection, Limits
from services.http.reference.h2.settings import Setting
from services.kit.journal import Connection as Line
from services.kit.names import ends
from services.proxy.reference.http2_streams import SESSION, Streams
from services.proxy.reference.server import Server
from services.proxy.reference.stream import StreamTransport

LIMITS = Limits(concurrent_streams=1000)
_ROOM = 262_144
_TURNS = 4


class Http2(asyncio.Protocol):
    """One session. Reading stops while the client does not read, so nothing piles up here."""

    transport: asyncio.Transport
    connection: Line

    def __init__(self, server: Server) -> None:
        self.server, self._emit = server, server.journal.emit
        self.core = Connection(LIMITS)
        self.full: set[StreamTransport] = set()
        """Streams whose queue is full."""
        self._paused = self._flushing = self._stopping = self._lost = False
        self._refilled = 0.0

    # -- what the transport tells -----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins with the server's preface; extended CONNECT (RFC 8441) is not offered."""
        self.transport = cast("asyncio.Transport", transport)
        known = transport.get_extra_info("connection")
        self.connection = known or self.server.journal.open(*ends(transport))
        self.server.sessions.add(self)
        self._streams = Streams(self)
        self._emit("session", self.connection, SESSION)
        self.core.send_settings(
            {
                Setting.MAX_CONCURRENT_STREAMS: LIMITS.concurrent_streams,
                Setting.INITIAL_WINDOW_SIZE: LIMITS.stream_window,
                Setting.MAX_HEADER_LIST_SIZE: LIMITS.field_section,
            }
        )
        self.core.set_session_window(LIMITS.session_window)
        self._pump()

    def data_received(self, data: bytes) -> None:
        """Frames, in any pieces."""
        now = asyncio.get_running_loop().time()
        if now - self._refilled >= 1.0:
            self.core.refill(now - self._refilled)
            self._refilled = now
        self.core.feed(data)
        self._pump()

    def eof_received(self) -> bool:
        """Without the client's frames no tunnel can go on."""
        return False

    def pause_writing(self) -> None:
        """The client does not read: take nothing more from it, and nothing more from the targets."""
        self._paused = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._paused = False
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self.flush_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """Every tunnel breaks with the session, then the session ends, then the connection."""
        self._lost = True
        self.server.sessions.discard(self)
        self._streams.break_off()
        if exc is not None:
            self._emit("error", self.connection, None, {"message": str(exc)})
        self._emit("close", self.connection, SESSION, {"session": True})
        self.server.journal.close(self.connection)

    # -- what the service and the streams ask -----------------------------------------------------

    def close(self) -> None:
        """The service stops: no new streams, and the end after the last one (RFC 9113 6.8)."""
        self._stopping = True
        self.core.shut_down()
        self.flush_soon()

    def queued(self, stream_id: int) -> int:
        """Octets that wait in a stream for window."""
        stream = self.core.streams.get(stream_id)
        return 0 if stream is None else stream.pending_size

    def consumed(self, stream_id: int, size: int) -> None:
        """Content has been passed on: the windows reopen."""
        if size and not self._lost:
            self.core.consumed(stream_id, size)
            self.flush_soon()

    def flush_soon(self) -> None:
        """Writes at the end of this turn of the loop, once for all that it brings."""
        if not self._flushing and not self._lost:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if not self._lost:
            self._pump()

    def _pump(self) -> None:
        for _ in range(_TURNS):
            while happened := self.core.take_events():
                for event in happened:
                    self._streams.happened(event)
            data = b"" if self._paused else self.core.take(_ROOM)
            if not data:
                break
            self.transport.write(data)
            for stream in tuple(self.full):
                stream.drained()
        else:
            self.flush_soon()
        if self.core.over or (self._stopping and not self.core.streams):
            self.transport.close()
