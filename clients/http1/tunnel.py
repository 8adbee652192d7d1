"""A connection that is no longer HTTP: after a 101, or the 2xx to a CONNECT."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clients.http1.connection import Connection


class Tunnel:
    """Bytes both ways. `head` is what had come behind the response already (it is read first)."""

    def __init__(self, connection: Connection, head: bytes) -> None:
        self.connection = connection
        self.head = head
        self._left = head

    async def send(self, data: bytes) -> None:
        """Sends bytes."""
        await self.connection.write(data)

    async def receive(self) -> bytes:
        """What has come; b"" once the server has closed. Raises TimedOutError, ConnectionClosedError."""
        if self._left:
            data, self._left = self._left, b""
            return data
        return await self.connection.read("bytes of the tunnel")

    async def receive_exactly(self, length: int) -> bytes:
        """`length` bytes, or as many as came before the server closed."""
        data = b""
        while len(data) < length and (piece := await self.receive()):
            data += piece
        data, self._left = data[:length], data[length:]
        return data

    def end(self) -> None:
        """Sends FIN, and goes on reading."""
        self.connection.write_eof()
