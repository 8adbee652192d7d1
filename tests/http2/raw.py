"""A connection that sends octets as they are and reads frames: what no client library would do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence

from lab.topology import Endpoint
from tests.http2.wire import ACK, GOAWAY, PING, Frame, frames, ping

WITHIN = 5.0
"""Seconds for each wait."""


class Raw:
    """One connection; `seen` holds every frame that came, `closed` whether the server has closed."""

    def __init__(self, where: Endpoint, context: ssl.SSLContext | None) -> None:
        self.seen: list[Frame] = []
        self.closed = False
        self._where, self._context = where, context
        self._rest = b""
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Raw:
        name = self._where.authority if self._context else None
        self._reader, self._writer = await asyncio.open_connection(
            self._where.address, self._where.port, ssl=self._context, server_hostname=name
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()

    @property
    def local(self) -> Sequence[object]:
        """The client's own address and port."""
        name: Sequence[object] = self._writer.get_extra_info("sockname")
        return name

    async def send(self, octets: bytes) -> None:
        """Sends octets; a server that has closed already is no error, what it said is still read."""
        self._writer.write(octets)
        try:
            async with asyncio.timeout(WITHIN):
                await self._writer.drain()
        except OSError:
            self.closed = True

    async def until(self, condition: Callable[[], bool]) -> bool:
        """Reads until `condition()` holds, the server closes (then the result is false), or time is up."""
        async with asyncio.timeout(WITHIN):
            while not condition():
                if not await self._read():
                    return condition()
        return True

    async def _read(self) -> bool:
        try:
            data = await self._reader.read(65_536)
        except OSError:
            data = b""
        self._rest += data
        for frame in frames(self._rest):
            self.seen.append(frame)
            self._rest = self._rest[9 + len(frame.payload) :]
        self.closed = not data
        return bool(data)

    def has(self, kind: int, stream: int | None = None, flags: int = 0, payload: bytes = b"") -> bool:
        """Whether such a frame has come."""
        return any(
            frame.kind == kind
            and (stream is None or frame.stream == stream)
            and frame.flags & flags == flags
            and frame.payload.startswith(payload)
            for frame in self.seen
        )

    async def settle(self, payload: bytes) -> bool:
        """PING, and read until its answer; false when GOAWAY or the end came instead, all read then."""
        await self.send(ping(payload))
        await self.until(lambda: self.has(PING, flags=ACK, payload=payload) or self.has(GOAWAY))
        if self.has(PING, flags=ACK, payload=payload):
            return True
        await self.until(lambda: False)
        return False
