"""The pool keeps connections, within its limits, and tells reuse apart."""

from __future__ import annotations

import asyncio

import pytest

from clients.http1 import Client, Connection, ConnectionClosedError, Limits, Pool
from clients.http1.tests.server import OK, serving
from clients.trace import Trace


async def test_a_kept_connection_is_used_again_and_said_to_be() -> None:
    async with serving() as origin, Client(origin) as client:
        first, second = await client.get("/"), await client.get("/")
        assert (first.reused, second.reused) == (False, True)
        assert first.local == second.local
        assert client.pool.free(origin) == 1


async def test_close_is_not_kept() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with serving(lambda _number, _head: closing) as origin, Client(origin) as client:
        assert not (await client.get("/")).persistent
        assert client.pool.free(origin) == 0


async def test_no_more_connections_than_allowed_to_one_origin() -> None:
    numbers: set[int] = set()

    def answer(number: int, _head: bytes) -> bytes:
        numbers.add(number)
        return OK

    async with serving(answer) as origin:
        pool = Pool(Limits(sockets=2))
        async with Client(origin, pool=pool) as client:
            replies = await asyncio.gather(*(client.get("/") for _ in range(20)))
        assert len(replies) == 20
        assert numbers == {1, 2}
        assert pool.waiting == 0
        await pool.close()


async def test_no_more_connections_than_allowed_in_all() -> None:
    async with serving() as one, serving() as other:
        pool = Pool(Limits(total=1))
        for origin in (one, other, one):
            async with Client(origin, pool=pool) as client:
                await client.get("/")
        assert pool.free(one) + pool.free(other) == 1
        await pool.close()


async def test_no_more_idle_connections_than_allowed() -> None:
    async with serving() as origin, Client(origin, pool=(pool := Pool(Limits(free=1)))) as client:
        await asyncio.gather(*(client.get("/") for _ in range(3)))
        assert pool.free(origin) == 1
        await pool.close()


@pytest.mark.parametrize(("scheduling", "expected"), [("lifo", 2), ("fifo", 1)])
async def test_which_idle_connection_is_taken(scheduling: str, expected: int) -> None:
    seen: list[int] = []

    def answer(number: int, _head: bytes) -> bytes:
        seen.append(number)
        return OK

    async with serving(answer) as origin:
        pool = Pool(Limits(scheduling="lifo" if scheduling == "lifo" else "fifo"))
        first, second = await pool.acquire(origin), await pool.acquire(origin)
        for connection in (first, second):
            await connection.request("GET", "/")
            await pool.release(connection)
        async with Client(origin, pool=pool) as client:
            await client.get("/")
        assert seen[2] == expected
        await pool.close()


async def test_an_idle_connection_is_given_up_in_time() -> None:
    async with serving() as origin, Client(origin, pool=(pool := Pool(Limits(keep=0.0)))) as client:
        first = await client.get("/")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not (await client.get("/")).reused
        assert first.persistent
        await pool.close()


async def test_the_server_s_keep_alive_is_heeded() -> None:
    kept = OK.replace(b"\r\n\r\n", b"\r\nkeep-alive: timeout=1\r\n\r\n")
    async with serving(lambda _number, _head: kept) as origin:
        trace = Trace()
        async with Client(origin, trace=trace) as client:
            await client.get("/")
        free = next(step for step in trace.steps if step.event == "free")
        assert free.data["seconds"] == 0.0


async def test_an_idempotent_request_is_asked_again_when_a_kept_connection_was_closed() -> None:
    heads: list[tuple[int, bytes]] = []

    def answer(number: int, head: bytes) -> bytes | None:
        heads.append((number, head.split()[0]))
        return None if len(heads) == 2 else OK

    async with serving(answer) as origin, Client(origin) as client:
        await client.get("/")
        assert (await client.get("/")).status == 200
        assert [number for number, _ in heads] == [1, 1, 2]


async def test_any_other_request_is_not() -> None:
    heads: list[bytes] = []

    def answer(_number: int, head: bytes) -> bytes | None:
        heads.append(head)
        return None if len(heads) == 2 else OK

    async with serving(answer) as origin, Client(origin) as client:
        await client.get("/")
        with pytest.raises(ConnectionClosedError):
            await client.post("/", b"")
        assert len(heads) == 2


async def test_a_cancelled_request_gives_its_place_to_the_next() -> None:
    async with serving(lambda _number, _head: OK) as origin:
        pool = Pool(Limits(sockets=1))
        held = await pool.acquire(origin)
        first, second = (asyncio.ensure_future(pool.acquire(origin)) for _ in range(2))
        await asyncio.sleep(0)
        assert pool.waiting == 2
        first.cancel()
        await asyncio.sleep(0)
        await pool.release(held)
        assert isinstance(await second, Connection)
        pool.discard(second.result())


async def test_what_happened_is_told_in_order() -> None:
    async with serving() as origin:
        trace = Trace()
        async with Client(origin, trace=trace) as client:
            await client.get("/")
            await client.get("/")
        told = [step.event for step in trace.steps if step.event not in ("send", "receive")]
        assert told == [
            "connect",
            "socket",
            "response",
            "free",
            "socket",
            "response",
            "free",
            "close",
        ]
        sockets = [step.data["reused"] for step in trace.steps if step.event == "socket"]
        assert sockets == [False, True]
