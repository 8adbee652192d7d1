"""One stream of an HTTP/2 session as an asyncio transport, so that a tunnel need not know (RFC 9113 8.5).

write           DATA; more than the high-water mark in the stream's queue pauses the other side
write_eof       END_STREAM, behind what is queued
pause_reading   what comes is not given back to the stream's window, so that the client must stop
abort           RST_STREAM with CONNECT_ERROR: how a proxy passes on a TCP error
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from services.http.reference.h2 import Connection, ErrorCode, StreamGone


class Session(Protocol):
    """What a stream needs of its session. `full` holds the streams whose queue is full."""

    core: Connection
    full: set[StreamTransport]

    def queued(self, stream_id: int) -> int:
        """Octets that wait in a stream for window."""
        ...

    def consumed(self, stream_id: int, size: int) -> None:
        """Content has been passed on: the windows reopen."""
        ...

    def flush_soon(self) -> None:
        """Writes at the end of this turn of the loop."""
        ...


class StreamTransport(asyncio.Transport):
    """The client's end of a tunnel. The session calls `arrived`, `drained`, `ended` and `closed`."""

    def __init__(self, session: Session, stream_id: int) -> None:
        super().__init__()
        self._session, self._id = session, stream_id
        self._protocol: asyncio.Protocol
        self._high = 65_536
        self._paused = False
        self._held = 0
        """Octets that came and have not been given back to the windows."""
        self._full = self._closing = self._finished = False

    # What the tunnel does

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Who is told what comes."""
        assert isinstance(protocol, asyncio.Protocol)  # noqa: S101 - for the type checker
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who is told."""
        return self._protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:  # noqa: ARG002
        """How many octets may wait in the stream's queue."""
        self._high = self._high if high is None else high

    def is_closing(self) -> bool:
        """Whether nothing more can be done with the stream."""
        return self._closing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Queues DATA."""
        if self._closing or self._finished:
            return
        self._act(lambda: self._session.core.send_data(self._id, bytes(data)))
        if not self._full and self._session.queued(self._id) > self._high:
            self._full = True
            self._session.full.add(self)
            self._protocol.pause_writing()

    def write_eof(self) -> None:
        """END_STREAM once the queue is empty."""
        if not self._finished:
            self._finished = True
            self._act(lambda: self._session.core.send_data(self._id, b"", end_stream=True))

    def pause_reading(self) -> None:
        """Keeps the windows shut."""
        self._paused = True

    def resume_reading(self) -> None:
        """Opens the windows by what has been held."""
        self._paused = False
        held, self._held = self._held, 0
        self._session.consumed(self._id, held)

    def close(self) -> None:
        """Ends the stream in order."""
        self.write_eof()
        self._closing = True

    def abort(self) -> None:
        """A TCP error of the target is a stream error of type CONNECT_ERROR (RFC 9113 8.5)."""
        self._closing = True
        self._act(lambda: self._session.core.reset(self._id, ErrorCode.CONNECT_ERROR))

    # What the session tells

    def arrived(self, data: bytes, flow: int) -> None:
        """DATA has come; `flow` octets go back to the windows, now or when reading goes on."""
        if data and not self._closing:
            self._protocol.data_received(data)
        if self._paused and not self._closing:
            self._held += flow
        else:
            self._session.consumed(self._id, flow)

    def ended(self) -> None:
        """END_STREAM has come: what a FIN is to TCP."""
        if not self._closing:
            self._protocol.eof_received()

    def drained(self) -> None:
        """Something of the queue has left."""
        if self._full and self._session.queued(self._id) <= self._high // 4:
            self._full = False
            self._session.full.discard(self)
            self._protocol.resume_writing()

    def closed(self, error: Exception | None) -> None:
        """The stream is no more."""
        self._closing = True
        self._session.full.discard(self)
        held, self._held = self._held, 0
        self._session.consumed(self._id, held)
        self._protocol.connection_lost(error)

    def _act(self, action: Callable[[], None]) -> None:
        try:
            action()
        except StreamGone:
            # The client's RST_STREAM came first; `closed` follows.
            self._closing = True
        self._session.flush_soon()
