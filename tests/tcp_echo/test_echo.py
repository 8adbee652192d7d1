"""RFC 862, TCP Based Echo Service: any data received is sent back."""

from __future__ import annotations

import asyncio
import hashlib
import random

import pytest

from clients.net.errors import TimedOut
from clients.net.stream import Stream
from clients.tcp import echo
from tests.tcp_echo.conftest import Open

rfc, feature = pytest.mark.rfc, pytest.mark.feature

SIZES = (0, 1, 63, 1460, 1461, 65_535, 65_536, 65_537, 1_000_003)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


async def fill(stream: Stream) -> int:
    """Sends until nothing more goes, at most 64 MiB; gives how much was handed to the kernel."""
    stream.within = 1.0
    for blocks in range(1, 1025):
        try:
            await stream.send(bytes(1 << 16))
        except TimedOut:
            return blocks << 16
    return 64 << 20


class TestEcho:
    """Once a connection is established any data received is sent back."""

    @feature("echo")
    @rfc("862", "TCP")
    @pytest.mark.parametrize("size", SIZES)
    async def test_every_byte_comes_back(self, opened: Open, size: int) -> None:
        """Around the sizes of segments and buffers, and none at all; `echo` compares every byte."""
        data = noise(size)
        assert await echo(await opened(), data) == data

    @feature("echo")
    @rfc("862", "TCP")
    async def test_bytes_come_back_before_the_connection_ends(self, opened: Open) -> None:
        """The service does not wait for FIN, a line, or a full buffer."""
        stream = await opened()
        for piece in (b"a", b"\0", b"\r", bytes(range(256)), b"\xff" * 5):
            await stream.send(piece)
            assert await stream.receive_exactly(len(piece)) == piece

    @feature("echo")
    @rfc("862", "TCP")
    async def test_forty_eight_megabytes_with_a_reader_that_pauses(self, opened: Open) -> None:
        """No byte is lost or changed when the reader stops in the middle."""
        stream = await opened()
        block, blocks = noise(1 << 20), 48
        sent, back, size = hashlib.sha256(), hashlib.sha256(), 0

        async def send() -> None:
            for _ in range(blocks):
                sent.update(block)
                await stream.send(block)
            await stream.end()

        async with asyncio.TaskGroup() as group:
            sending = group.create_task(send())
            await asyncio.wait([sending], timeout=0.2)
            while piece := await stream.receive():
                back.update(piece)
                size += len(piece)
        assert (size, back.digest()) == (blocks << 20, sent.digest())


class TestHalfClose:
    """RFC 9293, 3.6. Closing a Connection"""

    @feature("half-close")
    @rfc("9293", "3.6")
    async def test_what_came_before_fin_comes_back_and_then_fin(self, opened: Open) -> None:
        """A local FIN closes one direction only."""
        stream = await opened()
        await stream.send(b"last words")
        await stream.end()
        assert await stream.receive_exactly(10) == b"last words"
        assert await stream.receive() == b""

    @feature("half-close")
    @rfc("9293", "3.6")
    async def test_fin_alone_is_answered_by_fin(self, opened: Open) -> None:
        """No byte is made up."""
        stream = await opened()
        await stream.end()
        assert await stream.receive_rest() == b""


class TestBackPressure:
    """RFC 9293, 3.8.6. Managing the Window"""

    @feature("back-pressure")
    @rfc("9293", "3.8.6")
    async def test_a_client_that_does_not_read_cannot_send_without_end(self, opened: Open) -> None:
        """64 MiB do not fit between the two, and nothing is lost once the client reads."""
        stream = await opened(buffer=65_536)
        sent = await fill(stream)
        assert sent < 32 << 20
        stream.within = 5.0
        await stream.receive_exactly(sent)

    @feature("independence", "back-pressure")
    async def test_a_stalled_client_costs_the_others_nothing(self, opened: Open) -> None:
        """The next client is served while one does not read."""
        stalled = await opened(buffer=65_536)
        stalled.writer.write(bytes(8 << 20))
        assert await echo(await opened(), b"served") == b"served"
        stalled.reset()


class TestReset:
    """RFC 9293, 3.5.3. Reset Processing"""

    @feature("reset", "independence")
    @rfc("9293", "3.5.3")
    async def test_a_reset_ends_one_connection_only(self, opened: Open) -> None:
        """The other one does not notice."""
        kept, broken = await opened(), await opened()
        await broken.send(b"x")
        broken.reset()
        await kept.send(b"still here")
        assert await kept.receive_exactly(10) == b"still here"

    @feature("many")
    async def test_five_hundred_connections_at_once(self, opened: Open) -> None:
        """Each has its own bytes back."""
        streams = await asyncio.gather(*(opened() for _ in range(500)))
        texts = [f"connection {number}".encode() for number, _ in enumerate(streams)]
        for stream, text in zip(streams, texts, strict=True):
            await stream.send(text)
        backs = [await s.receive_exactly(len(t)) for s, t in zip(streams, texts, strict=True)]
        assert backs == texts
