"""Ending a TCP connection by RST, which is how a failure is told from an end."""

from __future__ import annotations

import asyncio
import socket
import struct

_NO_LINGER = struct.pack("ii", 1, 0)


def reset(transport: asyncio.WriteTransport) -> None:
    """Drops `transport` at once, so that its peer sees a reset (RFC 9293 3.10.4: ABORT)."""
    if not transport.is_closing() and (sock := transport.get_extra_info("socket")) is not None:
        # A Unix socket takes the option too, and makes nothing of it.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
