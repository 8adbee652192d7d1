"""Asking a service that runs, over UDP and TCP, and what it tells of itself."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import cast

from services.dns.reference.service import DNSService
from services.kit.journal import Filter

Start = Callable[..., Awaitable[DNSService]]
"""Starts a service with these settings, on a free port of 127.0.0.1."""


async def ask(service: DNSService, data: bytes, within: float = 1.0) -> bytes | None:
    """Send one datagram and return the answer, if there is one in time."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", service.port))
        await loop.sock_sendall(sock, data)
        try:
            async with asyncio.timeout(within):
                return await loop.sock_recv(sock, 65_535)
        except TimeoutError:
            return None


@asynccontextmanager
async def connected(service: DNSService) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data


async def read(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))


def tcp_ports(service: DNSService) -> list[int]:
    """The ports of TCP: that of the service, and that of TLS."""
    told = [record[5] for record in service.journal.select(Filter(events=frozenset({"listening"})))]
    addresses = [str(cast("Mapping[str, object]", data)["address"]) for data in told]
    return sorted({int(address.rpartition(":")[2]) for address in addresses})


def events(service: DNSService) -> list[str]:
    return [record[4] for record in service.journal.select(Filter())]
