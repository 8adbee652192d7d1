"""An asyncio transport that speaks TLS over another transport, through OpenSSL in memory.

Why not the event loop's own TLS: asyncio's and uvloop's send no alert on a failed handshake or a bad
record, only a FIN (python/cpython#98078), and neither can close one direction alone. Here whatever
OpenSSL has to say is on the wire before anything is closed.

    open     bytes in are decrypted and delivered; data out is encrypted at once, TCP's transport queues it
    closing  close_notify, then FIN; `connection_lost` once the peer's kernel has been given everything
    lost     the peer's last bytes are read away (`kit.linger`)
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from services.kit.journal import Connection
from services.kit.linger import linger
from services.kit.tls_context import is_truncation

RECORD = 16 * 1024
"""The most content that one TLS record carries (RFC 8446, 5.1)."""
CHUNK = 4 * RECORD
"""How much is encrypted at a time. What OpenSSL wrote is read again while the cache still holds it: a
megabyte costs 1.0 ms in pieces of 64 KiB, and 1.9 ms in pieces of 256 KiB."""
_TOGETHER = 2
"""Records that are delivered as one. Four would cost no less, and leave more unread where it is piled up."""
FLUSH_WITHIN = 30.0
"""Seconds that a closed transport waits for its peer to take what is queued."""

_NOBODY = asyncio.Protocol()
"""Whom a lost transport tells: it lets go of its own protocol, so that both are freed at once."""

_Data = bytes | bytearray | memoryview


class TLSTransport(asyncio.Transport, asyncio.Protocol):
    """One established TLS connection: a transport to the protocol above, a protocol to TCP below.

    Implements all of `asyncio.Transport`, half-close included (RFC 8446, 6.1).
    """

    def __init__(
        self,
        lower: asyncio.Transport,
        tls: ssl.SSLObject,
        bios: tuple[ssl.MemoryBIO, ssl.MemoryBIO],
        extra: dict[str, Any],
        lost: Callable[[], None],
    ) -> None:
        super().__init__(extra)
        self._facts, self._lower, self._tls, self._lost = extra, lower, tls, lost
        self._incoming, self._outgoing = bios
        self._reading = True
        self._ended = self._finished = self._closing = self._told = self._more = False
        self._held: deque[bytes] | None = None
        self._error: Exception | None = None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._protocol: asyncio.Protocol

    # -- the transport: life ---------------------------------------------------------------------

    def start(self, protocol: asyncio.Protocol) -> None:
        """Hand the connection to its protocol, with what has come for it already."""
        self._protocol = protocol
        try:
            protocol.connection_made(self)
        except Exception as error:  # noqa: BLE001 - a protocol's bug costs its own connection only
            self._failed(error, "connection_made")
        if self._incoming.pending or self._tls.pending():
            self._pump()
        if not self._closing:
            self._send()  # the session ticket, unless it went with the first words

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
        return self._facts[name] if name in self._facts else self._lower.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Whether `close` or `abort` was called, or the connection broke."""
        return self._closing

    # -- the transport: reading ------------------------------------------------------------------

    def is_reading(self) -> bool:
        """Whether data is being delivered."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Deliver nothing until `resume_reading`; TCP's window then holds the sender."""
        if self._reading and not self._closing:
            self._reading = False
            self._lower.pause_reading()

    def resume_reading(self) -> None:
        """Deliver again, first what has come already."""
        if not self._reading and not self._closing:
            self._reading = True
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        """Deliver what has come already; only then may more come, so that it does not pile up here."""
        self._pump()
        if self.is_reading():
            self._lower.resume_reading()

    # -- the transport: writing ------------------------------------------------------------------

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set when the protocol is paused and resumed, in bytes that TCP has not taken yet."""
        self._lower.set_write_buffer_limits(high, low)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """The low and the high water mark, in bytes."""
        return self._lower.get_write_buffer_limits()

    def get_write_buffer_size(self) -> int:
        """How many encrypted bytes TCP has not taken yet."""
        return self._lower.get_write_buffer_size()

    def write(self, data: _Data) -> None:
        """Encrypt and send. Ignored once closing, as asyncio's own transports do."""
        if self._closing or self._finished or not data:
            return
        try:
            if len(data) <= CHUNK:
                self._tls.write(data)
                if not self._more:
                    self._lower.write(self._outgoing.read())
            else:
                self._write_large(memoryview(data))
        except ssl.SSLError as error:
            self._break(error)

    def _write_large(self, data: memoryview) -> None:
        for start in range(0, len(data), CHUNK):
            self._tls.write(data[start : start + CHUNK])
            self._lower.write(self._outgoing.read())

    def writelines(self, pieces: Iterable[_Data]) -> None:
        """Send several pieces as one, joined as far as they are encrypted at a time."""
        gathered: list[_Data] = []
        size = 0
        for piece in pieces:
            if size + len(piece) > CHUNK and gathered:
                self.write(b"".join(gathered))
                gathered, size = [], 0
            gathered.append(piece)
            size += len(piece)
        self.write(b"".join(gathered))

    def write_last(self, data: _Data) -> None:
        """`write`, then `write_eof`: what is short goes out in one piece with the close_notify."""
        self._more = True
        self.write(data)
        self._more = False
        self.write_eof()

    def can_write_eof(self) -> bool:
        """TLS 1.3 closes each direction by itself (RFC 8446, 6.1)."""
        return True

    def write_eof(self) -> None:
        """Send close_notify behind what was written, and go on reading."""
        if self._finished or self._closing:
            return
        self._finished = True
        if not self._ended and (self._incoming.pending or self._tls.pending()):
            self._hold_back()
        with contextlib.suppress(ssl.SSLError):  # mostly SSLWantReadError: the peer's own has not come yet
            self._tls.unwrap()
        self._send()

    def _hold_back(self) -> None:
        """Decrypt what has come, for later: OpenSSL's shutdown also reads, and fails on data."""
        held = self._held = deque()
        with contextlib.suppress(ssl.SSLError):  # if it is not for want of bytes, the next read says it again
            while data := self._tls.read(RECORD):
                held.append(data)
            held.append(b"")

    def _send(self) -> None:
        if self._outgoing.pending:
            self._lower.write(self._outgoing.read())

    # -- the transport: ending -------------------------------------------------------------------

    def close(self) -> None:
        """Flush, send close_notify and FIN, then `connection_lost`; nothing more is delivered."""
        if self._closing:
            return
        self.write_eof()
        self._leave(None)

    def abort(self) -> None:
        """Close at once: nothing is flushed, and no close_notify sent."""
        self._closing = True
        self._lower.abort()

    def _break(self, error: ssl.SSLError) -> None:
        """A bad record or an alert: what OpenSSL has to say to it goes out before the FIN."""
        self._send()
        self._leave(error)

    def _failed(self, error: Exception, where: str) -> None:
        loop = asyncio.get_running_loop()
        loop.call_exception_handler(
            {"message": f"protocol.{where} failed", "exception": error, "transport": self}
        )
        self._error = error
        self.abort()

    def _leave(self, error: Exception | None) -> None:
        """Wait until TCP has taken everything, told by its own flow control, but not for ever."""
        self._closing, self._error = True, error
        if self._ended and self._lower.get_write_buffer_size() < RECORD:
            self._lower.close()  # the peer has closed its side: nothing is left to linger for
            return
        self._flush_timer = asyncio.get_running_loop().call_later(FLUSH_WITHIN, self._lower.abort)
        self._lower.resume_reading()
        self._lower.set_write_buffer_limits(0)
        if not self._lower.get_write_buffer_size():
            asyncio.get_running_loop().call_soon(self._flushed)

    def _flushed(self) -> None:
        if not self._told:
            linger(self._lower)
            self._tell(self._error)

    def _tell(self, error: Exception | None) -> None:
        if self._told:
            return
        self._told = True
        if self._flush_timer:
            self._flush_timer.cancel()
        self._lost()
        self._error = None  # it leads back here
        protocol, self._protocol = self._protocol, _NOBODY
        protocol.connection_lost(error)
        # The journal remembers the connection for long; its keys and buffers need not live as long.
        connection = self._facts.get("connection")
        if isinstance(connection, Connection):
            connection.secure = None

    # -- the protocol: what TCP tells ------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Encrypted bytes."""
        if self._closing:
            return
        self._incoming.write(data)
        if self._reading:
            self._pump()

    def _pump(self) -> None:
        """Decrypt and deliver all that has come, a few records at a time."""
        more = True
        while more and self._reading and not self._closing and not self._ended:
            records: list[bytes] = []
            try:
                more = self._decrypt(records)
            except ssl.SSLError as error:
                # Handled here and now: kept, the error would hold this frame and be held by it, and the whole
                # connection would be left to the collector of cycles.
                self._deliver(records)
                self._end_reading(error)
                break
            self._deliver(records)
        if self._outgoing.pending and not self._closing:
            self._send()  # the answer to a key update (RFC 8446, 4.6.3)

    def _decrypt(self, records: list[bytes]) -> bool:
        """Add the next records; whether there may be more. Raises SSLError behind the last."""
        for _ in range(_TOGETHER):
            data = self._held.popleft() if self._held else self._tls.read(RECORD)
            if not data:
                raise ssl.SSLZeroReturnError
            records.append(data)
            if not self._held and not self._incoming.pending and not self._tls.pending():
                return False
        return True

    def _end_reading(self, error: ssl.SSLError) -> None:
        """What stands behind the last record: nothing yet, the peer's end, or a fault."""
        if isinstance(error, ssl.SSLWantReadError) or self._closing:
            return  # a record is not whole yet
        if isinstance(error, ssl.SSLZeroReturnError) or is_truncation(error):
            self._peer_ended(truncated=not isinstance(error, ssl.SSLZeroReturnError))
        else:
            self._break(error)

    def _deliver(self, records: list[bytes]) -> None:
        if not records:
            return
        try:
            self._protocol.data_received(records[0] if len(records) == 1 else b"".join(records))
        except Exception as error:  # noqa: BLE001 - a protocol's bug costs its own connection only
            self._failed(error, "data_received")

    def eof_received(self) -> bool:
        """FIN. Without a close_notify before it, it may be a truncation attack (RFC 8446, 6.1)."""
        self._incoming.write_eof()
        if self._reading and not self._ended:
            self._pump()
        return True

    def _peer_ended(self, *, truncated: bool) -> None:
        self._ended, self._facts["truncated"] = True, truncated
        try:
            keep_open = self._protocol.eof_received()
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error, "eof_received")
            return
        if not keep_open:
            self.close()

    def pause_writing(self) -> None:
        """TCP's queue is full."""
        if not self._closing:
            self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """TCP's queue is empty enough; when closing, empty."""
        if self._closing:
            self._flushed()
        else:
            self._protocol.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """TCP is gone."""
        self._closing = True
        self._tell(self._error or error)
