"""The socket options that the service sets on a connection, and reports as it finds them."""

from __future__ import annotations

import socket

from services.tcp_echo.reference.settings import EchoSettings


def apply(sock: socket.socket, settings: EchoSettings) -> None:
    """Sets no-delay (RFC 9293 3.7.4) and keep-alive (RFC 9293 3.8.4) on a TCP socket, and on no other."""
    if sock.family == socket.AF_UNIX:
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, settings.no_delay)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, settings.keep_alive)
    if settings.keep_alive:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, settings.keep_alive_delay)


def report(sock: socket.socket) -> dict[str, object]:
    """The options as the kernel has them: `noDelay`, `keepAlive`, `keepAliveDelay` in seconds."""
    if sock.family == socket.AF_UNIX:
        return {}
    return {
        "noDelay": bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)),
        "keepAlive": bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)),
        "keepAliveDelay": sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    }
