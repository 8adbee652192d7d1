"""One protocol for all of a transport's life, which tells whoever has the connection now what it is told.

uvloop stops and starts to read when a transport's protocol is changed: that is a system call or two, and a
twentieth of what a TLS connection costs.
"""

from __future__ import annotations

import asyncio


class Handover(asyncio.Protocol):
    """Tells `heir`, which may be another one at any time."""

    __slots__ = ("heir",)

    heir: asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Passed on."""
        self.heir.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Passed on."""
        self.heir.data_received(data)

    def eof_received(self) -> bool | None:
        """Passed on."""
        return self.heir.eof_received()

    def pause_writing(self) -> None:
        """Passed on."""
        self.heir.pause_writing()

    def resume_writing(self) -> None:
        """Passed on."""
        self.heir.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """Passed on."""
        self.heir.connection_lost(error)
