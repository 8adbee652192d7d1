"""Tunnels over HTTP/2 (RFC 9113 8.5): a stream is a connection."""

from __future__ import annotations

import asyncio
import hashlib
import random
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from clients.net.errors import ProxyRefusal, Reset
from clients.tunnel import Proxy
from clients.tunnel.http2 import Http2Tunnel, Session, open_session
from tests.support.control import Control
from tests.support.journal import Journal

rfc, feature = pytest.mark.rfc, pytest.mark.feature

Target = Callable[..., str]


@pytest.fixture
async def session(secure: Proxy, ca: Path) -> AsyncIterator[Session]:
    """An HTTP/2 session with the proxy."""
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    async with await open_session(Proxy(secure.host, secure.port, context, secure.authority)) as session:
        yield session


async def echoed(tunnel: Http2Tunnel, data: bytes) -> None:
    await tunnel.send(data)
    assert await tunnel.receive_exactly(len(data)) == data


class TestTunnel:
    """8.5. The CONNECT Method"""

    @feature("h2")
    @rfc("9113", "8.5")
    async def test_data_is_carried_both_ways(self, session: Session, target: Target) -> None:
        """All subsequent DATA frames correspond to data on the TCP connection."""
        tunnel = await session.open(target("tcp-echo"))
        for text in (b"one", bytes(range(256)) * 200, b"three"):
            await echoed(tunnel, text)

    @feature("h2")
    @rfc("9113", "8.5")
    async def test_many_tunnels_on_one_connection(self, session: Session, target: Target) -> None:
        """Each stream is its own TCP connection at the far end."""
        tunnels = await asyncio.gather(*(session.open(target("tcp-echo")) for _ in range(50)))
        for number, tunnel in enumerate(tunnels):
            await tunnel.send(b"%04d" % number)
        backs = [await tunnel.receive_exactly(4) for tunnel in tunnels]
        assert backs == [b"%04d" % number for number in range(50)]

    @feature("h2", "names")
    @rfc("9113", "8.5")
    async def test_the_target_may_be_a_name(self, session: Session, target: Target) -> None:
        """Resolved by the proxy."""
        await echoed(await session.open(target("tcp-echo", name=True)), b"by name")

    @feature("h2", "early-data")
    async def test_data_before_the_answer(self, session: Session, target: Target) -> None:
        """Kept until the target is there."""
        tunnel = await session.open(target("tcp-echo"), early=b"early")
        assert await tunnel.receive_exactly(5) == b"early"

    @feature("h2", "half-close")
    @rfc("9113", "8.5")
    async def test_end_stream_is_fin(self, session: Session, target: Target) -> None:
        """END_STREAM becomes FIN at the target, and the target's FIN END_STREAM."""
        tunnel = await session.open(target("tcp-echo"))
        await tunnel.send(b"last")
        await tunnel.end()
        assert await tunnel.receive_rest() == b"last"
        assert tunnel.code is None

    @feature("h2", "reset")
    @rfc("9113", "8.5")
    async def test_the_targets_reset_is_connect_error(
        self, session: Session, target: Target, echo_control: Control
    ) -> None:
        """A TCP RST is treated as a stream error of type CONNECT_ERROR."""
        tunnel = await session.open(target("tcp-echo"))
        await echoed(tunnel, bytes(6841))
        await echo_control.act((await echo_control.find(bytesRead=6841))["id"], "reset")
        with pytest.raises(Reset, match="CONNECT_ERROR"):
            await tunnel.receive()

    @feature("h2", "reset", "journal")
    @rfc("9113", "8.5")
    async def test_the_clients_reset_is_rst(
        self, session: Session, target: Target, journal: Callable[[str], Journal]
    ) -> None:
        """RST_STREAM closes the TCP connection with RST; the other tunnels go on."""
        kept, broken = await session.open(target("tcp-echo")), await session.open(target("tcp-echo"))
        await echoed(broken, b"x")
        await broken.reset()
        events = await asyncio.to_thread(
            journal("proxy").events, peer=_peer(session), event="tunnelEnd", wait=5
        )
        assert [(event.stream, event.data["reason"]) for event in events] == [(broken.id, "client reset")]
        await echoed(kept, b"still here")


def _peer(session: Session) -> str:
    host, port = session.stream.local[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class TestFlow:
    """5.2. Flow Control, end to end"""

    @feature("h2-flow", "back-pressure")
    @rfc("9113", "5.2")
    async def test_a_tunnel_that_is_not_read_stops_no_other(self, session: Session, target: Target) -> None:
        """Its echo fills its own window, and waits."""
        stalled, other = await session.open(target("tcp-echo")), await session.open(target("tcp-echo"))
        sending = asyncio.ensure_future(stalled.send(bytes(4 << 20)))
        await asyncio.wait([sending], timeout=0.3)
        await echoed(other, b"not stopped")
        reading = asyncio.ensure_future(stalled.receive_exactly(4 << 20))
        await asyncio.gather(sending, reading)
        assert reading.result() == bytes(4 << 20)

    @feature("h2-flow", "half-close")
    @rfc("9113", "5.2")
    async def test_every_byte_of_sixteen_megabytes(self, session: Session, target: Target) -> None:
        """By a hash, through both windows, there and back."""
        tunnel = await session.open(target("tcp-echo"))
        data = random.Random(16).randbytes(16 << 20)

        async def send() -> None:
            await tunnel.send(data)
            await tunnel.end()

        sending = asyncio.ensure_future(send())
        back = await tunnel.receive_rest()
        await sending
        assert hashlib.sha256(back).digest() == hashlib.sha256(data).digest()


class TestRefusals:
    """The same causes, told in the same words."""

    @feature("h2", "status-words", "proxy-status")
    @rfc("9209", "2.3")
    async def test_statuses_and_errors(self, session: Session) -> None:
        """And the session goes on after each."""
        for target, status, error in (
            ("127.0.0.1:1", 403, "destination_ip_prohibited"),
            ("nowhere.wireyard.test:80", 502, "dns_error"),
        ):
            with pytest.raises(ProxyRefusal) as caught:
                await session.open(target)
            assert (caught.value.status, caught.value.error) == (status, error)

    @feature("h2", "bad-target")
    @rfc("9113", "8.5")
    async def test_a_target_without_a_port(self, session: Session, target: Target) -> None:
        """Malformed: a stream error, or 400; the session goes on."""
        with pytest.raises((Reset, ProxyRefusal)):
            await session.open("http1.wireyard.test")
        await echoed(await session.open(target("tcp-echo")), b"on")
