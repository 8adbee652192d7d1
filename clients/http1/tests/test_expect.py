"""Whoever expects 100 Continue waits for it, though not for ever (RFC 9110 10.1.1)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

import pytest

from clients.http1 import Connection, Origin
from clients.http1.call import CONTINUE_SHARE
from clients.http1.tests.server import OK
from clients.trace import Trace

WITHIN = 1.0
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def connected(serve: Serve) -> AsyncIterator[Connection]:
    """A connection to a server that has read a head, and goes on as `serve` does."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with closing(writer):
            await serve(reader, writer)

    async with await asyncio.start_server(served, "127.0.0.1", 0) as server:
        origin = Origin("127.0.0.1", server.sockets[0].getsockname()[1], "a.wireyard.test")
        async with Connection(origin, within=WITHIN, trace=Trace()) as connection:
            yield connection


def events(connection: Connection) -> list[str]:
    return [step.event for step in connection.trace.steps]


@pytest.mark.parametrize("late", [b"", CONTINUE])
async def test_the_content_goes_out_to_a_server_that_only_waits(late: bytes) -> None:
    """One that knows no expectations, and one whose 100 is late."""

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(5) == b"hello"
        writer.write(late + OK)

    async with connected(wait) as connection:
        reply = await connection.request("POST", "/", body=b"hello", expect=True)
        assert reply.status == 200
        assert [interim.status for interim in reply.interims] == ([100] if late else [])
        assert "continueTimeout" in events(connection)


async def test_a_server_that_says_continue_is_not_waited_for() -> None:
    async def invite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CONTINUE)
        await reader.readexactly(5)
        writer.write(OK)

    async with connected(invite) as connection:
        reply = await connection.request("POST", "/", body=b"hello", expect=True)
        assert (reply.status, [interim.status for interim in reply.interims]) == (200, [100])
        assert "continueTimeout" not in events(connection)


async def test_nothing_is_sent_behind_a_refusal_however_long_it_takes_to_tell() -> None:
    more: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 417 Expectation Failed\r\ncontent-length: 2\r\n\r\n")
        try:
            async with asyncio.timeout(2 * WITHIN * CONTINUE_SHARE):
                more.append(await reader.read(5))
        except TimeoutError:
            writer.write(b"no")

    async with connected(refuse) as connection:
        reply = await connection.request("POST", "/", body=b"hello", expect=True)
        assert (reply.status, reply.body, more) == (417, b"no", [])
