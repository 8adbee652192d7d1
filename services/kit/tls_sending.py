"""The sending half of a TLS connection's transport, down to the close_notify."""

from __future__ import annotations

import contextlib
import ssl
from collections import deque
from collections.abc import Iterable

from services.kit.tls_ending import RECORD, Data, Ending

CHUNK = 4 * RECORD
"""How much is encrypted at a time. What OpenSSL wrote is read again while the cache still holds it: a
megabyte costs 1.0 ms in pieces of 64 KiB, and 1.9 ms in pieces of 256 KiB."""


class Sending(Ending):
    """What tls_transport.py adds the receiving half to."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set when the protocol is paused and resumed, in bytes that TCP has not taken yet."""
        self._lower.set_write_buffer_limits(high, low)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """The low and the high water mark, in bytes."""
        return self._lower.get_write_buffer_limits()

    def get_write_buffer_size(self) -> int:
        """How many encrypted bytes TCP has not taken yet."""
        return self._lower.get_write_buffer_size()

    def write(self, data: Data) -> None:
        """Encrypt and send. Ignored once closing, as asyncio's own transports do."""
        if self._closing or self._finished or not data:
            return
        try:
            if len(data) <= CHUNK:
                self._encrypt(data)
                if not self._more:
                    self._lower.write(self._outgoing.read())
            else:
                self._write_large(memoryview(data))
        except ssl.SSLError as error:
            self._break(error)

    def _write_large(self, data: memoryview) -> None:
        for start in range(0, len(data), CHUNK):
            self._encrypt(data[start : start + CHUNK])
            self._lower.write(self._outgoing.read())

    def writelines(self, pieces: Iterable[Data]) -> None:
        """Send several pieces as one, joined as far as they are encrypted at a time."""
        gathered: list[Data] = []
        size = 0
        for piece in pieces:
            if size + len(piece) > CHUNK and gathered:
                self.write(b"".join(gathered))
                gathered, size = [], 0
            gathered.append(piece)
            size += len(piece)
        self.write(b"".join(gathered))

    def write_last(self, data: Data) -> None:
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
        if not self._ended and (self._incoming.pending or self._pending()):
            self._hold_back()
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            return  # mostly SSLWantReadError: the peer's own has not come yet
        finally:
            self._send()

    def _hold_back(self) -> None:
        """Decrypt what has come, for later: OpenSSL's shutdown also reads, and fails on data."""
        held = self._held = deque()
        with contextlib.suppress(ssl.SSLError):  # if it is not for want of bytes, the next read says it again
            while data := self._decrypted(RECORD):
                held.append(data)
            held.append(b"")

    def close(self) -> None:
        """Flush, send close_notify and FIN, then `connection_lost`; nothing more is delivered."""
        if self._closing:
            return
        self.write_eof()
        self._leave(None)
