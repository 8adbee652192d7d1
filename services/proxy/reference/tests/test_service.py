"""The proxy's own settings: time-outs, limits, users, lifetimes, stopping."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from ipaddress import IPv4Address
from typing import Any

import pytest

from services.kit.errors import SettingsError
from services.kit.journal import Journal
from services.kit.reset import reset
from services.kit.tests.live import Live, crowd_at, live
from services.proxy.reference.dial import Dialler
from services.proxy.reference.policy import Policy
from services.proxy.reference.resolver import NoResolver
from services.proxy.reference.service import ProxyService
from services.proxy.reference.settings import ProxySettings
from services.proxy.reference.tunnel import TargetSide

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        writer.transport.abort()
    writer.close()


@asynccontextmanager
async def yard(handler: Handler = echo, **settings: Any) -> AsyncIterator[tuple[Live, str]]:
    """A proxy, and a target that it may dial: HOST:PORT."""
    async with await asyncio.start_server(handler, "127.0.0.1", 0) as server:
        target = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        mine = {"address": ("127.0.0.1",), "port": 0, "allow": (target, "127.0.0.1:1")}
        known: dict[str, Any] = {**mine, **settings}
        async with live(ProxyService, ProxySettings(**known)) as service:
            yield service, target


async def asked(service: Live, target: str, *fields: str) -> tuple[str, Pair]:
    """The status line that CONNECT gets, and the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    lines = (f"CONNECT {target} HTTP/1.1", f"Host: {target}", *fields)
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    return head.decode().split(" ")[1], (reader, writer)


async def status_of(service: Live, target: str) -> str:
    """The status that CONNECT gets; the connection is closed."""
    status, (_, writer) = await asked(service, target)
    writer.close()
    return status


@contextmanager
def silent(host: str = "127.0.0.1") -> Iterator[str]:
    """HOST:PORT of a listener whose backlog is full: the kernel answers no further SYN."""
    with socket.socket() as full, ExitStack() as stack:
        full.bind((host, 0))
        full.listen(0)
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        yield f"{host}:{full.getsockname()[1]}"


async def keep_busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"busy")
        await reader.readexactly(4)


async def test_a_tunnel_from_end_to_end() -> None:
    async with yard() as (service, target):
        status, (reader, writer) = await asked(service, target)
        assert status == "200"
        writer.write(b"there and back")
        assert await reader.readexactly(14) == b"there and back"
        writer.write_eof()
        assert await reader.read() == b""
        await service.until("close")
        assert service.names() == ["connection", "connect", "tunnel", "tunnelEnd", "close"]
        writer.close()


async def test_a_crowd_that_comes_at_once_waits_to_be_accepted() -> None:
    async with yard() as (service, _):
        assert crowd_at(service.port)


async def test_targets_that_speak_first_and_close_lose_nothing() -> None:
    """Whether what they say comes before or after the tunnel stands is a matter of turns of the loop."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        writer.close()

    async with yard(greet) as (service, target):
        pairs = [pair for _, pair in await asyncio.gather(*(asked(service, target) for _ in range(64)))]
        assert [await reader.read() for reader, _ in pairs] == [b"220 ready\r\n"] * 64
        for _, writer in pairs:
            writer.close()


async def test_a_client_that_does_not_read_stops_its_target() -> None:
    stalled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for _chunk in range(1024):
                writer.write(bytes(65_536))
                async with asyncio.timeout(0.5):
                    await writer.drain()
        except TimeoutError:
            stalled.set_result(True)
        else:
            stalled.set_result(False)
        writer.transport.abort()

    async with yard(flood) as (service, target):
        _, (_, writer) = await asked(service, target)
        assert await stalled
        writer.transport.abort()
        await service.until("close")


async def test_what_follows_a_refused_connect_is_the_next_request() -> None:
    async with yard() as (service, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"CONNECT 127.0.0.1:2 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.write_eof()
        answers = await reader.read()
        assert answers.startswith(b"HTTP/1.1 403 ")
        assert answers.endswith(b"okay\n")
        writer.close()


class TestTimes:
    async def test_a_head_that_trickles_has_no_more_time_than_another(self) -> None:
        async with yard(head_timeout=0.3) as (service, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            answer = asyncio.ensure_future(reader.readline())
            while not (await asyncio.wait([answer], timeout=0.02))[0]:
                writer.write(b"C")
            assert answer.result().startswith(b"HTTP/1.1 408 ")
            writer.close()

    async def test_half_a_head_is_answered_408(self) -> None:
        async with yard(head_timeout=0.1) as (service, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(b"CONNECT a")
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
            writer.close()
            await service.until("close")

    async def test_silence_is_closed_without_an_answer(self) -> None:
        async with yard(head_timeout=0.1) as (service, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            assert await reader.read() == b""
            writer.close()

    async def test_a_quiet_tunnel_is_reset(self) -> None:
        async with yard(idle_timeout=0.1) as (service, target):
            _, (reader, writer) = await asked(service, target)
            with pytest.raises(ConnectionResetError):
                await reader.read()
            assert (await service.until("tunnelEnd"))[0]["reason"] == "idle"
            writer.close()

    async def test_a_tunnel_ends_with_its_lifetime_busy_or_not(self) -> None:
        async with yard(lifetime=0.15) as (service, target):
            _, (reader, writer) = await asked(service, target)
            with pytest.raises(ConnectionError):
                await keep_busy(reader, writer)
            assert (await service.until("tunnelEnd"))[0]["reason"] == "lifetime"
            writer.close()

    async def test_a_target_that_does_not_answer_is_504(self) -> None:
        with silent() as target:
            async with yard(allow=(target,), dial_timeout=0.2) as (service, _):
                assert await status_of(service, target) == "504"
                assert service.told("refused")[0]["error"] == "connection_timeout"

    async def test_one_address_that_does_not_answer_leaves_time_for_the_next(self) -> None:
        with silent("127.0.0.2") as target:
            host, _, port = target.rpartition(":")
            with socket.create_server(("127.0.0.3", int(port))):
                addresses = [IPv4Address(host), IPv4Address("127.0.0.3")]
                dialler = Dialler(NoResolver(), Policy(()), 0.4)
                side = await dialler.dial(addresses, int(port), lambda: TargetSide(1000))
                assert side.address == f"127.0.0.3:{port}"
                side.transport.abort()

    async def test_who_is_told_to_stop_dialling_is_not_told_that_time_is_over(self) -> None:
        with silent() as target:
            host, _, port = target.rpartition(":")
            dial = Dialler(NoResolver(), Policy(()), 60).dial(
                [IPv4Address(host)], int(port), lambda: TargetSide(1000)
            )
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await dial


class TestRefusals:
    async def test_a_target_that_refuses_is_502(self) -> None:
        async with yard() as (service, _):
            assert await status_of(service, "127.0.0.1:1") == "502"
            assert service.told("refused")[0]["error"] == "connection_refused"

    async def test_a_user_is_asked_for_and_may_try_again(self) -> None:
        async with yard(users=("pat:s3cret",)) as (service, target):
            status, (reader, writer) = await asked(service, target)
            assert status == "407"
            await reader.readline()
            lines = (f"CONNECT {target} HTTP/1.1", "Host: x", "Proxy-Authorization: Basic cGF0OnMzY3JldA==")
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            writer.close()

    @pytest.mark.parametrize(("tunnels", "per_client", "status"), [(1, 2, "503"), (2, 1, "429")])
    async def test_limits_in_all_and_per_client(self, tunnels: int, per_client: int, status: str) -> None:
        async with yard(tunnels=tunnels, per_client=per_client) as (service, target):
            _, (_, writer) = await asked(service, target)
            assert await status_of(service, target) == status
            writer.close()
            await service.until("tunnelEnd")
            assert await status_of(service, target) == "200"

    @pytest.mark.parametrize(
        ("settings", "variable"),
        [
            ({"allow": ("10.0.0.0/33",)}, "WIREYARD_ALLOW"),
            ({"allow": ("10.0.0.1:http",)}, "WIREYARD_ALLOW"),
            ({"deny": ("gateway",)}, "WIREYARD_DENY"),
            ({"users": ("pat",)}, "WIREYARD_USERS"),
            ({"resolver": "10.0.0.53"}, "WIREYARD_RESOLVER"),
        ],
    )
    def test_a_wrong_setting_names_its_variable(self, settings: dict[str, Any], variable: str) -> None:
        with pytest.raises(SettingsError) as caught:
            ProxyService(ProxySettings(**settings), Journal("proxy"))
        assert caught.value.variable == variable


class TestEnds:
    async def test_a_target_that_resets_resets_the_client(self) -> None:
        async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(1)
            reset(writer.transport)

        async with yard(broken) as (service, target):
            _, (reader, writer) = await asked(service, target)
            writer.write(b"x")
            with pytest.raises(ConnectionResetError):
                await reader.read()
            assert (await service.until("tunnelEnd"))[0]["reason"] == "target reset"
            writer.close()

    async def test_a_client_that_leaves_while_dialling_leaves_nothing_behind(self) -> None:
        with silent() as target:
            async with yard(allow=(target,), tunnels=1) as (service, _):
                _, writer = await asyncio.open_connection("127.0.0.1", service.port)
                writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                await service.until("connect")
                reset(writer.transport)
                await service.until("close")
                assert not service.journal.connections
                # The only tunnel that may be open is free again.
                assert await status_of(service, "127.0.0.1:1") == "403"

    async def test_stopping_lets_tunnels_finish_and_takes_no_new_ones(self) -> None:
        async with yard() as (service, target):
            _, (reader, writer) = await asked(service, target)
            stopping = asyncio.ensure_future(service.service.stop(5.0))
            writer.write(b"still carried")
            assert await reader.readexactly(13) == b"still carried"
            with pytest.raises(ConnectionError):
                await asked(service, target)
            assert not stopping.done()
            writer.close()
            await asyncio.wait_for(stopping, 5)

    async def test_stopping_ends_what_does_not_end_itself(self) -> None:
        async with yard() as (service, target):
            _, (reader, writer) = await asked(service, target)
            await service.service.stop(0.05)
            with pytest.raises(ConnectionResetError):
                await reader.read()
            assert (await service.until("tunnelEnd"))[0]["reason"] == "stopping"
            writer.close()
