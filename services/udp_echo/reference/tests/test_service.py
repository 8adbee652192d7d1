"""The UDP echo service's own settings: cut datagrams, multicast, buffers, who is never answered."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from clients.net.errors import NetError
from clients.udp import open_datagrams
from services.kit.errors import SettingsError
from services.kit.journal import Journal
from services.kit.tests.live import Live, live
from services.udp_echo.reference.batch import Batch
from services.udp_echo.reference.peers import Peers
from services.udp_echo.reference.reflection import REFLECTORS, refused_ports
from services.udp_echo.reference.service import EchoService
from services.udp_echo.reference.settings import EchoSettings
from services.udp_echo.reference.sockets import lost, report


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Live]:
    known: dict[str, Any] = {"address": ("127.0.0.1",), "port": 0} | settings
    async with live(EchoService, EchoSettings(**known)) as service:
        yield service


@asynccontextmanager
async def client(service: Live) -> AsyncIterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", service.port))
        yield sock


async def receive(sock: socket.socket) -> bytes:
    async with asyncio.timeout(5):
        return await asyncio.get_running_loop().sock_recv(sock, 65_535)


async def test_a_datagram_longer_than_the_longest_comes_back_cut_and_is_told() -> None:
    async with serving(longest=10) as service, client(service) as sock:
        sock.send(b"0123456789abc")
        assert await receive(sock) == b"0123456789"
        assert service.told("message") == [{"size": 13, "truncated": 10}]


async def test_the_service_never_answers_its_own_port() -> None:
    async with serving() as service:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.2", service.port))
            sock.sendto(b"loop", ("127.0.0.1", service.port))
            (refused,) = await service.until("refused")
            assert refused == {"size": 4, "reason": "the port of an echo service"}
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                sock.recv(10)


async def test_of_one_batch_only_those_are_answered_who_may_be() -> None:
    """The loop is not run between the sends, so that all of them are read as one batch."""
    async with serving() as service, client(service) as first, client(service) as last:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loop:
            loop.bind(("127.0.0.2", service.port))
            loop.setblocking(False)
            first.send(b"one")
            loop.sendto(b"loop", ("127.0.0.1", service.port))
            last.send(b"three")
            first.send(b"")
            assert [await receive(first), await receive(last), await receive(first)] == [
                b"one",
                b"three",
                b"",
            ]
            with pytest.raises(BlockingIOError):
                loop.recv(10)
        sizes = [data["size"] for data in service.told("message")]
        counters = [(peer.bytes_in, peer.bytes_out) for peer in service.journal.connections.values()]
    assert (sizes, counters) == ([3, 5, 0], [(3, 3), (5, 5)])


async def test_a_kernel_that_takes_no_more_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes one of three, then none, then the others; what comes meanwhile waits in its buffer."""
    taken, give_back = [1, 0], Batch.give_back

    def reluctant(batch: Batch, fd: int, start: int, stop: int) -> int:
        most = taken.pop(0) if taken else stop - start
        if not most:
            raise BlockingIOError
        return give_back(batch, fd, start, start + most)

    monkeypatch.setattr(Batch, "give_back", reluctant)
    async with serving() as service, client(service) as sock:
        for data in (b"1", b"22", b"333"):
            sock.send(data)
        assert [await receive(sock) for _ in range(3)] == [b"1", b"22", b"333"]
        await service.until("drain")
        assert service.names() == ["message", "message", "message", "pause", "drain"]
        (peer,) = service.journal.connections.values()
        assert (peer.bytes_in, peer.bytes_out) == (6, 6)


async def test_an_answer_that_cannot_be_sent_is_told_and_the_others_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing, give_back = [True], Batch.give_back

    def broken(batch: Batch, fd: int, start: int, stop: int) -> int:
        if failing and failing.pop():
            raise OSError(1, "not permitted")
        return give_back(batch, fd, start, stop)

    monkeypatch.setattr(Batch, "give_back", broken)
    async with serving() as service, client(service) as sock:
        for data in (b"lost", b"kept"):
            sock.send(data)
        assert await receive(sock) == b"kept"
        assert "not permitted" in str((await service.until("error"))[0]["message"])


async def sockets(service: Live) -> list[dict[str, Any]]:
    """What GET /sockets tells."""
    app = Starlette(routes=list(service.service.control_routes()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://control") as control:
        rows: list[dict[str, Any]] = (await control.get("/sockets")).json()
        return rows


async def test_both_families_at_one_port_each_from_its_own_address() -> None:
    async with serving(address=("*",)) as service:
        for host in ("127.0.0.1", "::1"):
            with await open_datagrams(host, service.port, connected=False) as client:
                try:
                    datagram = await client.echo(b"both")
                except NetError as error:
                    pytest.skip(f"no way to {host} here: {error}")
            assert (datagram.data, datagram.source[:2]) == (b"both", (host, service.port))
        assert [row["family"] for row in await sockets(service)] == ["IPv4", "IPv6"]


async def test_buffers_are_set_and_what_did_not_fit_is_counted() -> None:
    """The kernel doubles what it is asked for, for its own needs; nothing is read between the sends."""
    async with serving(receive_buffer=8192, send_buffer=16_384) as service, client(service) as sock:
        for _ in range(100):
            sock.send(bytes(500))
        (row,) = await sockets(service)
        assert (row["receiveBufferSize"], row["sendBufferSize"]) == (16_384, 32_768)
        assert row["local"] == f"127.0.0.1:{service.port}"
        assert 0 < row["dropped"] < 100
        for _ in range(100 - row["dropped"]):
            assert await receive(sock) == bytes(500)
        assert len(service.told("message")) == 100 - row["dropped"]


async def test_stopping_answers_what_has_come() -> None:
    """More than one batch of it, none read before."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        async with serving() as service:
            sock.connect(("127.0.0.1", service.port))
            for _ in range(100):
                sock.send(b"in time")
        assert [await receive(sock) for _ in range(100)] == [b"in time"] * 100


async def test_counters_by_client() -> None:
    async with serving() as service, client(service) as sock:
        for data in (b"one", b"three"):
            sock.send(data)
            await receive(sock)
        (peer,) = service.journal.connections.values()
        assert (peer.peer, peer.bytes_in, peer.bytes_out) == (sock.getsockname(), 8, 8)


async def test_a_multicast_group_is_answered_from_the_services_own_address() -> None:
    async with serving(groups=("239.77.0.7%lo",)) as service:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            sock.setblocking(False)
            sock.sendto(b"all", ("239.77.0.7", service.port))
            async with asyncio.timeout(5):
                data, source = await asyncio.get_running_loop().sock_recvfrom(sock, 100)
        assert (data, source) == (b"all", ("127.0.0.1", service.port))
        assert len(service.told("message")) == 1


@pytest.mark.parametrize(
    ("group", "problem"),
    [("10.0.0.1", "not a multicast address"), ("all", "not appear"), ("ff15::77", "not listen on IPv6")],
)
async def test_a_wrong_group_names_its_variable(group: str, problem: str) -> None:
    service = EchoService(EchoSettings(address=("127.0.0.1",), port=0, groups=(group,)), Journal("udp-echo"))
    with pytest.raises(SettingsError, match="WIREYARD_GROUPS") as caught:
        await service.start()
    assert problem in str(caught.value)


def test_buffers_and_losses_are_reported_as_the_kernel_has_them() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.bind(("127.0.0.1", 0))
        size = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        assert report(sock)["receiveBufferSize"] == size
        assert lost(sock) == 0
        for _ in range(100):
            sock.sendto(bytes(1000), sock.getsockname())
        held = 0
        sock.setblocking(False)
        while _takes(sock):
            held += 1
        assert lost(sock) == 100 - held > 0


def _takes(sock: socket.socket) -> bool:
    try:
        sock.recv(2000)
    except BlockingIOError:
        return False
    return True


def test_the_first_to_be_met_is_the_first_to_be_forgotten() -> None:
    journal = Journal("udp-echo")
    peers = Peers(journal, 2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        names = [struct.pack("=HH4s8x", socket.AF_INET, number, b"\x0a\0\0\1") for number in range(3)]
        for name in names:
            peers.meet(name, sock)
    assert list(peers) == names[1:]
    assert len(journal.connections) == 2


@given(st.integers(0, 65_535))
def test_who_is_never_answered(port: int) -> None:
    assert (port in refused_ports({7707})) is (port < 1024 or port in REFLECTORS or port == 7707)
