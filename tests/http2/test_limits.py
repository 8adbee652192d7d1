"""A hostile client is told to calm down, and nobody else notices (RFC 9113 10.5)."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable

import pytest

from clients.http2 import Origin, Session
from tests.http2.attacks import ATTACKS, Attack
from tests.http2.raw import Raw
from tests.http2.wire import (
    ENHANCE_YOUR_CALM,
    GOAWAY,
    HEADERS,
    PREFACE,
    RST_STREAM,
    opened,
    request,
    settings,
)

pytestmark = [
    pytest.mark.role("h2c", "h2"),
    pytest.mark.feature("h2-limits"),
    pytest.mark.rfc("9113", "10.5"),
]

PROMPTLY, AT_MOST = 0.1, 1.0
"""Seconds that another client waits, as a rule and at the very most."""


class Bystander:
    """Another client, asking all the time; `waits` are its seconds."""

    def __init__(self, origin: Origin) -> None:
        self.waits: list[float] = []
        self._session = Session(origin)
        self._answered = asyncio.Event()

    async def __aenter__(self) -> Bystander:
        await self._session.open()
        await self._once()
        self._task = asyncio.create_task(self._ask())
        return self

    async def answers(self, count: int) -> None:
        """Waits until so many more answers have come."""
        for _ in range(count):
            self._answered.clear()
            await self._answered.wait()

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for _more in range(10):
            await self._once()
        await self._session.close()
        assert statistics.median(self.waits) < PROMPTLY
        assert max(self.waits) < AT_MOST

    async def _ask(self) -> None:
        while True:
            await self._once()

    async def _once(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        reply = await self._session.get("/todos?name=lisi")
        assert reply.status == 200
        self.waits.append(loop.time() - began)
        self._answered.set()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_attack(attack: Attack, connect: Callable[[], Raw], origin: Origin) -> None:
    async with Bystander(origin), connect() as raw:
        await raw.send(PREFACE + settings())
        reading = asyncio.create_task(raw.until(lambda: raw.has(GOAWAY)))
        for flight in attack.flights():
            await raw.send(flight)
            if raw.closed or raw.has(GOAWAY):
                break
            await asyncio.wait([reading], timeout=0)  # lets the reader see what has come
        assert await reading
        await raw.until(lambda: False)
        assert raw.closed
    assert [each.code for each in raw.seen if each.kind == GOAWAY] == [ENHANCE_YOUR_CALM]


@pytest.mark.rfc("9113", "5.1.2")
async def test_streams_past_the_limit_are_refused_and_the_others_go_on(connect: Callable[[], Raw]) -> None:
    async with connect() as raw:
        await raw.send(PREFACE + settings() + b"".join(map(opened, range(1, 401, 2))))
        assert await raw.settle(b"conclude")
        refused = {frame.stream for frame in raw.seen if frame.kind == RST_STREAM and frame.code == 7}
        assert refused
        assert refused == set(range(min(refused), 401, 2)), "the first ones were taken"


async def test_a_client_that_grants_no_window_keeps_nobody_waiting(
    connect: Callable[[], Raw], origin: Origin
) -> None:
    target = (b":path", b"/download/10000000")
    async with Bystander(origin) as bystander, connect() as raw:
        fields = ((b":method", b"GET"), (b":scheme", b"http"), (b":authority", b"h2c.wireyard.test"), target)
        await raw.send(PREFACE + settings((4, 0)))
        await raw.send(b"".join(request(stream, fields=fields) for stream in range(1, 201, 2)))
        assert await raw.until(lambda: all(raw.has(HEADERS, stream) for stream in range(1, 201, 2)))
        await bystander.answers(20)
        assert await raw.settle(b"conclude")


async def test_a_client_that_never_reads_keeps_nobody_waiting(
    connect: Callable[[], Raw], origin: Origin
) -> None:
    target = (b":path", b"/download/10000000")
    async with Bystander(origin) as bystander, connect() as raw:
        fields = ((b":method", b"GET"), (b":scheme", b"http"), (b":authority", b"h2c.wireyard.test"), target)
        await raw.send(PREFACE + settings((4, 2**31 - 1)))
        await raw.send(b"\0\0\x04\x08\0\0\0\0\0" + (2**31 - 65_536).to_bytes(4, "big"))
        await raw.send(b"".join(request(stream, fields=fields) for stream in range(1, 101, 2)))
        await bystander.answers(20)
