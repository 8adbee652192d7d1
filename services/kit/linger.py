"""The lingering close: FIN, then read the peer's last bytes away, so that no RST overtakes what was sent.

A close with unread bytes in the receive buffer resets the connection (RFC 1122, 4.2.2.13), and a reset
makes the peer drop what it has not read yet: the alert, or the end of a response (RFC 9112, 9.6).
"""

from __future__ import annotations

import asyncio
import socket

WITHIN = 2.0
"""Seconds that a peer has for closing its side."""
AT_MOST = 1024 * 1024
"""Bytes that are read away for it."""
_PIECE = 64 * 1024


def linger(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    """Close `sock`, whose descriptor nobody else watches, once its peer has closed or has had its time."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_WR)
    except OSError:
        sock.close()
        return
    _Linger(loop, sock)


class _Linger:
    def __init__(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
        self._loop, self._sock, self._left = loop, sock, AT_MOST
        self._timer = loop.call_later(WITHIN, self._close)
        loop.add_reader(sock.fileno(), self._readable)

    def _readable(self) -> None:
        try:
            # The socket's own recv: the bytes are of no more interest to TLS.
            got = len(socket.socket.recv(self._sock, _PIECE))
        except BlockingIOError:
            return
        except OSError:
            got = 0
        self._left -= got
        if not got or self._left < 0:
            self._close()

    def _close(self) -> None:
        self._timer.cancel()
        self._loop.remove_reader(self._sock.fileno())
        self._sock.close()
