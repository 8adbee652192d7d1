"""A server of a few lines, which answers what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from clients.http1 import Origin

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Answer = Callable[[int, bytes], bytes | None]
"""From the connection's number (from 1) and the request's head to the answer; None closes."""


@asynccontextmanager
async def serving(answer: Answer = lambda _number, _head: OK) -> AsyncIterator[Origin]:
    """Serves in the running loop."""
    accepted = 0
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        accepted += 1
        number = accepted
        writers.append(writer)
        try:
            while reply := answer(number, await reader.readuntil(b"\r\n\r\n")):
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Origin("127.0.0.1", server.sockets[0].getsockname()[1], "a.wireyard.test")
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)
