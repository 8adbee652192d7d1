"""Tunnels over HTTP/1.1 (RFC 9110 9.3.6): opened, carried, ended."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable

import pytest

from clients.net.errors import Reset, TimedOut
from clients.net.stream import Stream
from clients.tunnel import Proxy, open_tunnel
from tests.proxy.conftest import Tunnels
from tests.support.control import Control
from tests.support.journal import Journal

rfc, feature = pytest.mark.rfc, pytest.mark.feature

Target = Callable[..., str]


class TestOpening:
    """9.3.6. CONNECT"""

    @feature("connect")
    @rfc("9110", "9.3.6")
    async def test_a_tunnel_carries_both_ways(self, tunnels: Tunnels, target: Target) -> None:
        """Any 2xx switches to tunnel mode."""
        stream = (await tunnels.open(target("tcp-echo"))).stream
        for text in (b"one", b"two" * 1000, bytes(range(256))):
            await stream.send(text)
            assert await stream.receive_exactly(len(text)) == text

    @feature("connect")
    @rfc("9110", "9.3.6")
    async def test_the_answer_announces_no_content(self, tunnels: Tunnels, target: Target) -> None:
        """A server MUST NOT send Transfer-Encoding or Content-Length in a 2xx to CONNECT."""
        fields = (await tunnels.open(target("tcp-echo"))).fields
        assert not {"content-length", "transfer-encoding"} & set(fields)

    @feature("names")
    @rfc("9110", "9.3.6")
    async def test_the_proxy_resolves_the_name(self, tunnels: Tunnels, target: Target) -> None:
        """With the yard's own resolver; the client never asks."""
        stream = (await tunnels.open(target("tcp-echo", name=True))).stream
        await stream.send(b"by name")
        assert await stream.receive_exactly(7) == b"by name"

    @feature("names")
    @rfc("1034", "3.1")
    async def test_a_trailing_dot_is_the_same_name(self, tunnels: Tunnels, target: Target) -> None:
        """A name that ends in a dot is complete; case does not matter."""
        host, _, port = target("tcp-echo", name=True).partition(":")
        await tunnels.open(f"{host.upper()}.:{port}")

    @feature("early-data")
    @rfc("9110", "9.3.6")
    async def test_what_comes_behind_the_request_is_forwarded(self, tunnels: Tunnels, target: Target) -> None:
        """Node calls it `head`."""
        stream = (await tunnels.open(target("tcp-echo"), early=b"head bytes")).stream
        assert await stream.receive_exactly(10) == b"head bytes"

    @feature("early-data", "half-close")
    async def test_request_data_and_fin_in_one_go(self, tunnels: Tunnels, target: Target) -> None:
        """The end that came before the tunnel stood is passed on after the data."""
        authority = target("tcp-echo")
        stream = await tunnels.raw(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\nall".encode())
        await stream.end()
        answer = await stream.receive_rest()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\nall")


class TestEnds:
    """RFC 9293, 3.6 and 3.5.3: an end stays an end, a failure stays a failure."""

    @feature("half-close")
    @rfc("9293", "3.6")
    async def test_fin_is_passed_on_and_the_rest_still_comes(self, tunnels: Tunnels, target: Target) -> None:
        """The echo's answer arrives after the client's FIN, and then the echo's own FIN."""
        stream = (await tunnels.open(target("tcp-echo"))).stream
        await stream.send(b"before the end")
        await stream.end()
        assert await stream.receive_rest() == b"before the end"

    @feature("half-close")
    @rfc("9293", "3.6")
    async def test_the_targets_fin_is_passed_on(self, tunnels: Tunnels, target: Target) -> None:
        """An HTTP server that closes after its answer ends the tunnel in order."""
        stream = (await tunnels.open(target("http1"))).stream
        await stream.send(b"GET / HTTP/1.1\r\nHost: http1.wireyard.test\r\nConnection: close\r\n\r\n")
        assert (await stream.receive_rest()).startswith(b"HTTP/1.1 200 ")

    @feature("reset")
    @rfc("9293", "3.5.3")
    async def test_the_clients_reset_reaches_the_target(
        self, tunnels: Tunnels, target: Target, journal: Callable[[str], Journal]
    ) -> None:
        """Told by the target's own journal: a reset, not an end."""
        echo, seen = journal("tcp-echo"), journal("proxy")
        tunnel = await tunnels.open(target("tcp-echo"))
        local = tunnel.stream.local
        await tunnel.stream.send(b"x")
        await tunnel.stream.receive_exactly(1)
        tunnel.stream.reset()
        ended = (await seen.of(local))[-2]
        assert (ended.event, ended.data["reason"]) == ("tunnelEnd", "client reset")
        errors = await asyncio.to_thread(echo.events, event="error", wait=2)
        assert any(error.data["code"] == "ConnectionResetError" for error in errors)

    @feature("reset")
    @rfc("9293", "3.5.3")
    async def test_the_targets_reset_reaches_the_client(
        self, tunnels: Tunnels, target: Target, echo_control: Control
    ) -> None:
        """The echo service breaks off on demand; it knows the tunnel's other end by what it read."""
        stream = (await tunnels.open(target("tcp-echo"))).stream
        await stream.send(bytes(7919))
        await stream.receive_exactly(7919)
        await echo_control.act((await echo_control.find(bytesRead=7919))["id"], "reset")
        with pytest.raises(Reset):
            await stream.receive()


class TestCarrying:
    """Whatever the sizes and the speeds, every byte arrives once and in order."""

    @feature("back-pressure", "half-close")
    @rfc("9293", "3.8.6")
    async def test_forty_eight_megabytes_with_a_reader_that_pauses(
        self, tunnels: Tunnels, target: Target
    ) -> None:
        """By a hash, through the tunnel to the echo and back, with FIN at the end of the sending."""
        stream = (await tunnels.open(target("tcp-echo"))).stream
        sent, back = hashlib.sha256(), hashlib.sha256()
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(send_blocks(stream, sent))
            await asyncio.wait([sending], timeout=0.2)
            while piece := await stream.receive():
                back.update(piece)
        assert back.digest() == sent.digest()

    @feature("back-pressure")
    @rfc("9293", "3.8.6")
    async def test_a_client_that_does_not_read_cannot_send_without_end(
        self, proxy: Proxy, target: Target
    ) -> None:
        """512 MiB do not fit between client, proxy and echo, however far the kernel lets its buffers grow."""
        tunnel = await open_tunnel(proxy, target("tcp-echo"))
        tunnel.stream.within = 1.0
        with pytest.raises(TimedOut):
            await send_blocks(tunnel.stream, hashlib.sha256(), 512)
        tunnel.stream.reset()

    @feature("connect")
    async def test_fifty_tunnels_at_once(self, tunnels: Tunnels, target: Target) -> None:
        """Each carries its own bytes."""
        opened = await asyncio.gather(*(tunnels.open(target("tcp-echo")) for _ in range(50)))
        for number, tunnel in enumerate(opened):
            await tunnel.stream.send(b"%04d" % number)
        backs = [await tunnel.stream.receive_exactly(4) for tunnel in opened]
        assert backs == [b"%04d" % number for number in range(50)]


async def send_blocks(stream: Stream, digest: hashlib._Hash, blocks: int = 48) -> None:
    """Sends that many MiB of noise, then FIN."""
    block = random.Random(blocks).randbytes(1 << 20)
    for _ in range(blocks):
        digest.update(block)
        await stream.send(block)
    await stream.end()


class TestJournal:
    """What the reference tells of a tunnel."""

    @feature("journal")
    async def test_the_events_of_a_tunnel(
        self, tunnels: Tunnels, target: Target, journal: Callable[[str], Journal]
    ) -> None:
        """In order, with the bytes each way."""
        tunnel = await tunnels.open(target("tcp-echo"))
        local = tunnel.stream.local
        await tunnel.stream.send(b"12345")
        await tunnel.stream.end()
        await tunnel.stream.receive_rest()
        events = await journal("proxy").of(local)
        assert [event.event for event in events] == ["connection", "connect", "tunnel", "tunnelEnd", "close"]
        assert events[3].data == {"sent": 5, "received": 5, "reason": "end"}
