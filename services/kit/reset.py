"""Ending a TCP connection by RST, which is how a failure is told from an end."""

from __future__ import annotations

import asyncio
import socket
import struct

_NO_LINGER = struct.pack("ii", 1, 0)


def reset(transport: asyncio.WriteTransport) -> None:
    """Drops `transport` at once, so that its peer sees a reset (RFC 9293 3.10.4: ABORT)."""
    if not transport.is_closing() and (sock := transport.get_extra_info("socket")) is not None:
        _leave_nothing(sock.fileno())
    transport.abort()


def _leave_nothing(descriptor: int) -> None:
    """Sets SO_LINGER; a Unix socket takes it too, and makes nothing of it.

    By the plain type beneath `socket.socket`: the loop's own way makes one of those for the call, which costs
    as much again as the call. The family is not looked at.
    """
    sock = socket.SocketType(socket.AF_INET, socket.SOCK_STREAM, 0, descriptor)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    finally:
        sock.detach()
