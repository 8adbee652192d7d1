"""A client tells its own address as soon as it has one, even where nothing comes of the connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable

import pytest

from clients import http1, http2
from clients.http1.errors import ConnectError
from clients.http2 import HTTP2Error
from clients.trace import Trace, name_of
from clients.udp.datagrams import open_datagrams


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers a ClientHello with what is no TLS."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


async def over_http1(port: int, context: ssl.SSLContext, trace: Trace) -> None:
    await http1.Client(http1.Origin("127.0.0.1", port, "x.wireyard.test", context), trace=trace).get("/")


async def over_http2(port: int, context: ssl.SSLContext, trace: Trace) -> None:
    await http2.Session(http2.Origin("127.0.0.1", port, "x.wireyard.test", context), trace=trace).open()


@pytest.mark.parametrize("ask", [over_http1, over_http2])
async def test_a_handshake_that_fails_is_told_with_the_clients_own_address(
    ask: Callable[[int, ssl.SSLContext, Trace], Awaitable[None]],
) -> None:
    trace = Trace()
    peers: list[str] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(name_of(writer.get_extra_info("peername")))
        await hang_up(reader, writer)

    async with await asyncio.start_server(served, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises((ConnectError, HTTP2Error)):
            await ask(port, ssl.create_default_context(), trace)
    assert [(step.event, step.local) for step in trace.steps] == [("connect", peers[0]), ("error", peers[0])]


async def test_a_socket_for_datagrams_tells_its_address() -> None:
    trace = Trace()
    with await open_datagrams("127.0.0.1", 9, trace=trace) as datagrams:
        assert trace.local == name_of(datagrams.local)
    assert [step.event for step in trace.steps if step.local] == ["connect", "close"]


@pytest.mark.parametrize(
    ("address", "name"), [(("127.0.0.1", 7), "127.0.0.1:7"), (("fd77::16", 7, 0, 0), "[fd77::16]:7")]
)
def test_addresses_are_written_as_in_a_journal(address: tuple[object, ...], name: str) -> None:
    assert name_of(address) == name
