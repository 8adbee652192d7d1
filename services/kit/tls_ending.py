"""How a TLS connection's transport lives and ends; tls_sending.py and tls_transport.py add what crosses it.

open     what is written is encrypted at once, and TCP's transport queues it
closing  close_notify, then FIN; `connection_lost` once the peer's kernel has been given everything
lost     the peer's last bytes are read away (`kit.linger`)
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

from services.kit import openssl
from services.kit.journal import Connection
from services.kit.linger import linger

RECORD = 16 * 1024
"""The most content that one TLS record carries (RFC 8446, 5.1)."""
FLUSH_WITHIN = 30.0
"""Seconds that a closed transport waits for its peer to take what is queued."""

Data = bytes | bytearray | memoryview
_NOBODY = asyncio.Protocol()
"""Whom a lost transport tells: it lets go of its own protocol, so that both are freed at once."""


class Ending(asyncio.Transport, asyncio.Protocol):
    """The state that all parts share, whom a connection belongs to, and its end."""

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
        engine = openssl.inner(tls)
        self._decrypted: Callable[[int], bytes] = engine.read
        self._encrypt: Callable[[Data], int] = engine.write
        self._pending: Callable[[], int] = engine.pending
        self._reading = True
        self._ended = self._finished = self._closing = self._told = self._more = False
        self._held: deque[bytes] | None = None
        self._error: Exception | None = None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._protocol: asyncio.Protocol

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

    # -- the end -------------------------------------------------------------------------------------

    def _send(self) -> None:
        if self._outgoing.pending:
            self._lower.write(self._outgoing.read())

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
