"""Tunnels of HTTP/2 wait as long as they are told, and what does not become a session is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import h2.config
import h2.connection
import h2.events
import pytest

from clients.net.errors import TimedOut
from clients.net.stream import connect
from clients.trace import Trace
from clients.tunnel.http2 import Session


class Proxy:
    """Begins a session, and answers each CONNECT with `answer`, or never."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer
        self._codec = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        self._codec.initiate_connection()
        while True:
            writer.write(self._codec.data_to_send())
            data = await reader.read(10_000)
            if not data:
                break
            for event in self._codec.receive_data(data):
                if isinstance(event, h2.events.RequestReceived) and self._answer is not None:
                    self._codec.send_headers(event.stream_id, [(":status", "200")])
                    self._codec.send_data(event.stream_id, self._answer, end_stream=True)
        writer.close()


@asynccontextmanager
async def session(answer: bytes | None, trace: Trace | None = None) -> AsyncIterator[Session]:
    """A session with such a proxy; nothing is waited for longer than 0.2 s."""
    async with await asyncio.start_server(Proxy(answer).serve, "127.0.0.1", 0) as server:
        stream = await connect(*server.sockets[0].getsockname(), trace=trace, within=0.2)
        async with Session(stream) as begun:
            await begun.begin()
            yield begun


async def test_a_proxy_that_never_answers_is_waited_for_as_long_as_told() -> None:
    async with asyncio.timeout(5), session(None) as begun:
        with pytest.raises(TimedOut):
            await begun.open("a.test:80")


async def test_a_tunnel_tells_its_first_byte_and_its_end() -> None:
    trace = Trace()
    async with session(b"hello", trace) as begun:
        assert await (await begun.open("a.test:80")).receive_rest() == b"hello"
    told = [step.event for step in trace.steps if step.data.get("stream") == 1]
    assert sorted(told) == ["CONNECT", "endReceived", "firstByte", "response"]
    assert told.index("firstByte") < told.index("endReceived")
