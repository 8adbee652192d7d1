"""HTTP/2 to the proxy, without TLS: what a stream is to a tunnel, and a session's end to its streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from clients.net.errors import ProxyRefusal, Reset
from clients.net.stream import connect
from clients.tunnel.http2 import Http2Tunnel, Session
from services.kit.journal import Filter, Journal
from services.kit.reset import reset
from services.proxy.reference.auth import Users
from services.proxy.reference.dial import Dialler
from services.proxy.reference.http2 import Http2
from services.proxy.reference.policy import Policy, parse_lines
from services.proxy.reference.resolver import NoResolver
from services.proxy.reference.server import Server
from services.proxy.reference.settings import ProxySettings
from services.proxy.reference.tests.test_service import echo

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Yard:
    """A proxy that speaks HTTP/2 in clear text, a session with it, and a target."""

    server: Server
    session: Session
    target: str
    journal: Journal

    def told(self, event: str) -> list[tuple[int | None, dict[str, Any]]]:
        """Stream and data of every `event`."""
        records = self.journal.select(Filter(events=frozenset({event})))
        return [(record[3], self.journal.told(record)) for record in records]

    async def open(self) -> Http2Tunnel:
        """A tunnel to the target that works."""
        tunnel = await self.session.open(self.target)
        await tunnel.send(b"works")
        assert await tunnel.receive_exactly(5) == b"works"
        return tunnel

    async def until(self, event: str) -> None:
        """Waits for `event` in the journal."""
        assert await self.journal.wait(Filter(events=frozenset({event})), 5), event


@asynccontextmanager
async def yard(handler: Handler = echo, **settings: Any) -> AsyncIterator[Yard]:
    loop, journal = asyncio.get_running_loop(), Journal("proxy")
    async with await asyncio.start_server(handler, "127.0.0.1", 0) as origin:
        target = f"127.0.0.1:{origin.sockets[0].getsockname()[1]}"
        known = ProxySettings(**settings)
        dialler = Dialler(NoResolver(), Policy(parse_lines((target, "127.0.0.1:1"))), 2.0)
        server = Server(known, journal, dialler, Users(known.users))
        async with await loop.create_server(lambda: Http2(server), "127.0.0.1", 0) as listener:
            stream = await connect("127.0.0.1", listener.sockets[0].getsockname()[1])
            session = Session(stream)
            await session.begin()
            yield Yard(server, session, target, journal)
            await session.close()
            await journal.wait(Filter(events=frozenset({"close"})), 5)
            server.tunnels.close()


async def test_a_reset_of_the_target_is_connect_error() -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        reset(writer.transport)

    async with yard(broken) as lab:
        tunnel = await lab.session.open(lab.target)
        await tunnel.send(b"x")
        with pytest.raises(Reset, match="CONNECT_ERROR"):
            await tunnel.receive()
        assert lab.told("tunnelEnd")[0][1]["reason"] == "target reset"


async def test_trailers_are_not_allowed_on_a_connected_stream() -> None:
    async with yard() as lab:
        tunnel = await lab.open()
        lab.session.codec.send_headers(tunnel.id, [("x", "y")], end_stream=True)
        await lab.session.flush()
        with pytest.raises(Reset, match="PROTOCOL_ERROR"):
            await tunnel.receive()
        await lab.open()


async def test_extended_connect_is_not_offered() -> None:
    async with yard() as lab:
        settings = lab.session.codec.remote_settings
        assert settings.enable_connect_protocol == 0
        assert settings.max_concurrent_streams == 1000


@pytest.mark.parametrize(
    ("method", "authority", "status"),
    [
        ("GET", "proxy.wireyard.test", 200),
        ("GET", "proxy.wireyard.test:3129", 200),
        ("GET", "a.test", 405),
        ("GET", "a.test:80", 405),
        ("PUT", "proxy.wireyard.test", 405),
    ],
)
async def test_other_requests(method: str, authority: str, status: int) -> None:
    async with yard() as lab:
        head = [(":method", method), (":scheme", "https"), (":authority", authority), (":path", "/")]
        tunnel = request(lab.session, head)
        await lab.session.flush()
        await lab.session.until(lambda: tunnel.ended, "answer")
        assert tunnel.status == status


def request(session: Session, head: list[tuple[str, str]]) -> Http2Tunnel:
    """Any request, seen as a tunnel that is answered at once."""
    number = session.codec.get_next_available_stream_id()
    session.tunnels[number] = Http2Tunnel(session, number)
    session.codec.send_headers(number, head, end_stream=True)
    return session.tunnels[number]


async def test_what_came_early_for_a_refused_stream_costs_the_session_no_window() -> None:
    async with yard() as lab:
        before = lab.session.codec.outbound_flow_control_window
        for _ in range(80):
            with pytest.raises(ProxyRefusal):
                await lab.session.open("127.0.0.1:2", early=bytes(16_000))
        assert lab.session.codec.outbound_flow_control_window > before // 4
        await lab.open()


async def test_users_are_asked_for() -> None:
    async with yard(users=("pat:s3cret",)) as lab:
        with pytest.raises(ProxyRefusal) as caught:
            await lab.session.open(lab.target)
        assert caught.value.status == 407
        assert caught.value.fields["proxy-authenticate"].startswith("Basic ")
        await lab.session.open(lab.target, fields=[("proxy-authorization", "Basic cGF0OnMzY3JldA==")])


async def test_stopping_lets_streams_finish_and_says_so() -> None:
    async with yard() as lab:
        tunnel = await lab.open()
        (client,) = lab.server.sessions
        client.close()
        await tunnel.send(b"still")
        assert await tunnel.receive_exactly(5) == b"still"
        await tunnel.end()
        assert await tunnel.receive_rest() == b""
        await lab.until("tunnelEnd")
        await lab.until("close")


async def test_a_lost_session_resets_every_target() -> None:
    seen: list[type[BaseException] | None] = []
    done = asyncio.Event()

    async def watched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(100):
                writer.write(data)
            seen.append(None)
        except ConnectionResetError as error:
            seen.append(type(error))
        writer.close()
        if len(seen) == 2:
            done.set()

    async with yard(watched) as lab:
        await lab.open()
        await lab.open()
        lab.session.stream.reset()
        await asyncio.wait_for(done.wait(), 5)
        assert seen == [ConnectionResetError, ConnectionResetError]
        assert [data["reason"] for _, data in lab.told("tunnelEnd")] == ["client reset", "client reset"]


async def test_a_bad_frame_ends_the_session_with_its_clause() -> None:
    async with yard() as lab:
        lab.session.stream.writer.write(b"\0\0\4\x08\0\0\0\0\0" + bytes(4))
        await lab.until("sessionError")
        stream, data = lab.told("sessionError")[0]
        assert (stream, data["code"]) == (0, "PROTOCOL_ERROR")
        assert data["clause"].startswith("RFC 9113 6.9")
