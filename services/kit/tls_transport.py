"""An asyncio transport over a non-blocking `SSLSocket`, driven by the readiness of its descriptor.

Why not the event loop's own TLS: asyncio's and uvloop's send no alert on a failed handshake or a bad
record, only a FIN (python/cpython#98078). OpenSSL on the descriptor itself sends them, and is faster.

    open     reading (unless paused), writing at once, what the socket will not take waits in a queue
    closing  no more reading; the queue is flushed, close_notify sent, then FIN, then `connection_lost`
    lost     a linger reads the peer's last bytes away, so that no RST overtakes what was sent
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from services.kit.linger import linger

RECORD = 16 * 1024
"""The most content that one TLS record carries (RFC 8446, 5.1)."""
CHUNK = 4 * RECORD
READS, WRITES = 16, 8
"""Bounds on one wake-up, in records and chunks: a busy connection leaves room for the others."""
HIGH_WATER = 64 * 1024
FLUSH_WITHIN = 30.0
"""Seconds that a closed transport waits for its peer to take what is queued."""

_BLOCKED = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class TLSTransport(asyncio.Transport):
    """One established TLS connection. Implements all of `asyncio.Transport`, half-close included."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: ssl.SSLSocket,
        extra: dict[str, Any],
        lost: Callable[[TLSTransport], None],
    ) -> None:
        super().__init__(extra)
        self._facts = extra
        self._loop, self._sock, self._descriptor = loop, sock, sock.fileno()
        self._lost = lost
        self._queue: deque[bytes | memoryview] = deque()
        self._queued = 0
        self._high, self._low = HIGH_WATER, HIGH_WATER // 4
        self._closing = self._ended = False
        self._finishing = self._notified = False
        self._reading = self._writer = self._protocol_paused = False
        self._flush_timer: asyncio.TimerHandle | None = None
        self._protocol: asyncio.Protocol

    # -- life ------------------------------------------------------------------------------------

    def start(self, protocol: asyncio.Protocol) -> None:
        """Hand the connection to its protocol and begin to read."""
        self._protocol = protocol
        self._reading = True
        self._loop.add_reader(self._descriptor, self._readable)
        try:
            protocol.connection_made(self)
        except Exception as error:  # noqa: BLE001 - a protocol's bug costs its own connection only
            self._failed(error, "connection_made")
            return
        self._readable()

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who is told of data and of the end."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol go on with the connection."""
        if not isinstance(protocol, asyncio.Protocol):
            raise TypeError("only a streaming protocol can be served")
        self._protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """`peername`, `sockname`, `ssl_object`, `connection` (the journal's), `truncated` (after EOF)."""
        if name in ("ssl_object", "socket"):
            return self._sock
        return super().get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Whether `close` or `abort` was called, or the connection broke."""
        return self._closing

    # -- reading ---------------------------------------------------------------------------------

    def is_reading(self) -> bool:
        """Whether data is being delivered."""
        return self._reading

    def pause_reading(self) -> None:
        """Deliver nothing until `resume_reading`; TCP's window then holds the sender."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._descriptor)

    def resume_reading(self) -> None:
        """Deliver again, first what OpenSSL has already decrypted."""
        if self._reading or self._closing or self._ended:
            return
        self._reading = True
        self._loop.add_reader(self._descriptor, self._readable)
        if self._finishing or self._sock.pending():
            self._loop.call_soon(self._readable)

    def _readable(self) -> None:
        for _ in range(READS):
            if not self._reading:
                return
            try:
                data = self._sock.read(RECORD)
            except _BLOCKED:
                self._caught_up()
                return
            except ssl.SSLEOFError:
                self._peer_ended(truncated=True)
                return
            except OSError as error:
                self._broken(error)
                return
            if not data:
                self._peer_ended(truncated=False)
                return
            self._deliver(data)
            # Less than a full record, and none waiting: a message's end. The kernel wakes us for more.
            if len(data) < RECORD and not self._finishing and not self._sock.pending():
                return
        if self._reading and (self._finishing or self._sock.pending()):
            self._loop.call_soon(self._readable)

    def _caught_up(self) -> None:
        if self._finishing and not self._queue:
            self._notify()

    def _deliver(self, data: bytes) -> None:
        try:
            self._protocol.data_received(data)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error, "data_received")

    def _peer_ended(self, *, truncated: bool) -> None:
        """Close_notify came (RFC 8446, 6.1), or FIN without it, which may be a truncation attack."""
        self._facts["truncated"] = truncated
        self._ended = True
        self.pause_reading()
        try:
            keep_open = self._protocol.eof_received()
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error, "eof_received")
            return
        if not keep_open:
            self.close()

    # -- writing ---------------------------------------------------------------------------------

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set when the protocol is paused and resumed, in queued bytes."""
        self._high = HIGH_WATER if high is None else high
        self._low = self._high // 4 if low is None else low
        if not 0 <= self._low <= self._high:
            raise ValueError(f"low water mark {self._low} is not between 0 and the high one, {self._high}")
        self._hold_protocol()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """The low and the high water mark, in bytes."""
        return self._low, self._high

    def get_write_buffer_size(self) -> int:
        """How many bytes the socket has not taken yet."""
        return self._queued

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data; what the socket will not take now is queued. Ignored once closing."""
        if self._closing or self._finishing or not data:
            return
        if self._queue:
            self._enqueue(bytes(data))
        elif len(data) <= CHUNK:
            self._write_now(data)
        else:
            self._enqueue(bytes(data))
            self._flush()

    def writelines(self, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send several pieces as one, in as few records as they fill."""
        self.write(b"".join(pieces))

    def _write_now(self, data: bytes | bytearray | memoryview) -> None:
        try:
            self._sock.write(data)
        except _BLOCKED:
            self._enqueue(bytes(data))
        except OSError as error:
            self._broken(error)

    def _enqueue(self, data: bytes) -> None:
        """Queue in chunks. OpenSSL wants a blocked write repeated with the very same bytes."""
        if len(data) <= CHUNK:
            self._queue.append(data)
        else:
            view = memoryview(data)
            self._queue.extend(view[start : start + CHUNK] for start in range(0, len(data), CHUNK))
        self._queued += len(data)
        if not self._writer:
            self._writer = True
            self._loop.add_writer(self._descriptor, self._flush)
        self._hold_protocol()

    def _flush(self) -> None:
        for _ in range(WRITES):
            if not self._queue:
                break
            try:
                self._sock.write(self._queue[0])
            except _BLOCKED:
                break
            except OSError as error:
                self._broken(error)
                return
            self._queued -= len(self._queue.popleft())
        if not self._queue:
            self._drained()
        self._release_protocol()

    def _drained(self) -> None:
        self._stop_writer()
        if self._closing:
            self._goodbye()
        elif self._finishing:
            self._finish()

    def _stop_writer(self) -> None:
        if self._writer:
            self._writer = False
            self._loop.remove_writer(self._descriptor)

    def _hold_protocol(self) -> None:
        if self._queued > self._high and not self._protocol_paused:
            self._protocol_paused = True
            self._protocol.pause_writing()

    def _release_protocol(self) -> None:
        if self._protocol_paused and self._queued <= self._low and not self._closing:
            self._protocol_paused = False
            self._protocol.resume_writing()

    # -- ending ----------------------------------------------------------------------------------

    def can_write_eof(self) -> bool:
        """TLS 1.3 closes each direction by itself (RFC 8446, 6.1)."""
        return True

    def write_eof(self) -> None:
        """Send close_notify behind what is queued, and go on reading."""
        if self._closing or self._finishing:
            return
        self._finishing = True
        if not self._queue:
            self._finish()

    def _finish(self) -> None:
        """Half-close. OpenSSL's shutdown also reads, and fails on data: so read first what has come."""
        if self._ended:
            self._notify()
        elif self._reading:
            self._readable()

    def _notify(self) -> bool:
        """Send close_notify, once; False when the socket is full and it has to be tried again."""
        if self._notified:
            return True
        self._notified = True
        try:
            self._sock.unwrap()
        except ssl.SSLWantWriteError:
            self._notified = False
            self._writer = True
            self._loop.add_writer(self._descriptor, self._drained)
        except (OSError, ValueError):
            # SSLWantReadError: sent, and the peer's own has not come yet. Others: nobody is left to read it.
            return True
        return self._notified

    def close(self) -> None:
        """Flush, send close_notify and FIN, then `connection_lost`; nothing more is read."""
        if self._closing:
            return
        self._closing = True
        self.pause_reading()
        if self._queue:
            self._flush_timer = self._loop.call_later(FLUSH_WITHIN, self.abort)
        else:
            self._goodbye()

    def _goodbye(self) -> None:
        if self._notify():
            self._lose(None, lingering=not self._ended)

    def abort(self) -> None:
        """Close at once: nothing is flushed, and no close_notify sent."""
        self._lose(None, lingering=False)

    def _broken(self, error: OSError) -> None:
        """A bad record: OpenSSL has sent the alert, and the linger lets it arrive. Else a dead connection."""
        self._lose(error, lingering=isinstance(error, ssl.SSLError))

    def _failed(self, error: Exception, where: str) -> None:
        context = {"message": f"protocol.{where} failed", "exception": error, "transport": self}
        self._loop.call_exception_handler(context)
        self._lose(error, lingering=False)

    def _lose(self, error: Exception | None, *, lingering: bool) -> None:
        if self._descriptor < 0:
            return
        self._closing = True
        self.pause_reading()
        self._stop_writer()
        if self._flush_timer:
            self._flush_timer.cancel()
        self._queue.clear()
        self._queued = 0
        self._descriptor = -1
        if lingering:
            linger(self._loop, self._sock)
        else:
            self._sock.close()
        self._loop.call_soon(self._tell, error)

    def _tell(self, error: Exception | None) -> None:
        self._lost(self)
        self._protocol.connection_lost(error)
