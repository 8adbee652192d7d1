"""aiohttp, with an end that leaves nothing open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

# Closing TLS within a tunnel takes the loop a turn for each layer, and one for the socket.
_TURNS = 8


@asynccontextmanager
async def aiohttp_session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session whose sockets are closed at the end: aiohttp only begins to, and the loop may end first."""
    connector = aiohttp.TCPConnector()
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session
        await connector.close(abort_ssl=True)
    for _ in range(_TURNS):
        await asyncio.sleep(0)
