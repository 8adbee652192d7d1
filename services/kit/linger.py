"""The lingering close: FIN, then read the peer's last bytes away, so that no RST overtakes what was sent.

A close with unread bytes in the receive buffer resets the connection (RFC 1122, 4.2.2.13), and a reset
makes the peer drop what it has not read yet: the alert, or the end of a response (RFC 9112, 9.6).
"""

from __future__ import annotations

import asyncio

WITHIN = 2.0
"""Seconds that a peer has for closing its side."""
AT_MOST = 1024 * 1024
"""Bytes that are read away for it."""


def linger(transport: asyncio.Transport) -> None:
    """Close a TCP transport once its peer has closed or has had its time, untold to its protocol."""
    if transport.is_closing():
        return
    transport.set_protocol(_Linger(transport))
    transport.resume_reading()
    transport.write_eof()


class _Linger(asyncio.Protocol):
    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._left = transport, AT_MOST
        self._timer = asyncio.get_running_loop().call_later(WITHIN, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        self._timer.cancel()
