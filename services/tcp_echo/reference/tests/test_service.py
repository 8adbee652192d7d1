"""The TCP echo service's own settings: half-open, idle, limits, Unix socket, options, stopping."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.kit.tests.live import Live, crowd_at, live
from services.tcp_echo.reference.service import EchoService
from services.tcp_echo.reference.settings import EchoSettings

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Live]:
    known: dict[str, Any] = {"address": ("127.0.0.1",), "port": 0} | settings
    async with live(EchoService, EchoSettings(**known)) as service:
        yield service


async def connected(service: Live) -> Pair:
    return await asyncio.open_connection("127.0.0.1", service.port)


async def test_with_half_open_connections_everything_comes_back_first() -> None:
    async with serving() as service:
        reader, writer = await connected(service)
        writer.write(bytes(300_000))
        writer.write_eof()
        assert len(await reader.read()) == 300_000
        assert await service.until("close") == [
            {"hadError": False, "bytesRead": 300_000, "bytesWritten": 300_000}
        ]
        writer.close()


async def test_without_them_fin_ends_the_connection_at_once() -> None:
    async with serving(allow_half_open=False, buffer=1 << 24) as service:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", service.port))
            # Small enough to be taken whole, too much for a client that does not read.
            await loop.sock_sendall(client, bytes(8 << 20))
            client.shutdown(socket.SHUT_WR)
            (closed,) = await service.until("close")
    assert closed["unsent"] > 0
    assert closed["bytesWritten"] == closed["bytesRead"] - closed["unsent"]


async def test_a_quiet_connection_is_reset_after_the_idle_time_out() -> None:
    async with serving(idle_timeout=0.1) as service:
        reader, writer = await connected(service)
        await service.until("close")
        assert service.names() == ["connection", "timeout", "close"]
        assert await reader.read() == b""
        writer.close()


async def test_connections_beyond_the_limit_are_dropped() -> None:
    async with serving(max_connections=1) as service:
        reader, writer = await connected(service)
        writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        second, extra = await connected(service)
        assert await second.read() == b""
        assert await service.until("dropConnection") == [{"limit": 1}]
        writer.write(b"y")
        assert await reader.readexactly(1) == b"y"
        for each in (writer, extra):
            each.close()
        await service.until("close")
        _, third = await connected(service)
        await service.until("connection", 2)
        third.close()


async def test_a_crowd_that_comes_at_once_waits_to_be_accepted() -> None:
    async with serving() as service:
        assert crowd_at(service.port)


async def test_a_unix_socket_and_a_port_on_loopback(tmp_path: Path) -> None:
    path = tmp_path / "echo.sock"
    async with serving(unix=path, loopback_port=0) as service:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"local")
        assert await reader.readexactly(5) == b"local"
        (connection,) = service.journal.connections.values()
        assert (connection.local, connection.facts) == ((str(path),), {})
        writer.close()
        addresses = [data["address"] for data in service.told("listening")]
        assert [address.rpartition(":")[0] for address in addresses[:2]] == ["127.0.0.1", "127.0.0.1"]
        assert addresses[2] == str(path)


async def test_both_families_at_one_port() -> None:
    async with serving(address=("*",)) as service:
        for host, local in (("127.0.0.1", "127.0.0.1"), ("::1", "::1")):
            try:
                reader, writer = await asyncio.open_connection(host, service.port)
            except OSError as error:
                pytest.skip(f"no way to {host} here: {error}")
            writer.write(b"both")
            assert await reader.readexactly(4) == b"both"
            (connection,) = service.journal.connections.values()
            assert connection.local[:2] == (local, service.port)
            writer.close()
            await service.until("close", 1 if host == "127.0.0.1" else 2)


@pytest.mark.parametrize("wanted", [True, False])
async def test_socket_options_are_set_and_reported_as_the_kernel_has_them(wanted: bool) -> None:
    async with serving(no_delay=wanted, keep_alive=wanted, keep_alive_delay=77) as service:
        _, writer = await connected(service)
        await service.until("connection")
        (connection,) = service.journal.connections.values()
        assert (connection.facts["noDelay"], connection.facts["keepAlive"]) == (wanted, wanted)
        assert (connection.facts["keepAliveDelay"] == 77) is wanted
        writer.close()


async def test_stopping_flushes_then_resets_who_does_not_read() -> None:
    async with serving() as service:
        reader, writer = await connected(service)
        writer.write(b"in flight")
        assert await reader.readexactly(9) == b"in flight"
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(deaf, ("127.0.0.1", service.port))
            sending = asyncio.ensure_future(loop.sock_sendall(deaf, bytes(32 << 20)))
            await service.until("connection", 2)
            while not any(c.state == "stalled" for c in service.journal.connections.values()):
                await asyncio.wait([sending], timeout=0.05)
            await service.service.stop(0.1)
            assert await reader.read() == b""
            with pytest.raises(ConnectionResetError):
                await sending
        writer.close()
        await service.until("close", 2)
