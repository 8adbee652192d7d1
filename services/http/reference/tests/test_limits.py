"""Times and numbers that a client must keep, made small."""

from __future__ import annotations

import asyncio

import pytest

from clients.http1 import ConnectError, ConnectionClosedError, TimedOutError
from services.http.reference.tests.harness import serving

HOST = b"Host: a.wireyard.test\r\n"
GET = b"GET /todos HTTP/1.1\r\n" + HOST + b"\r\n"


async def test_half_a_head_is_answered_408() -> None:
    async with serving(head_within=0.1) as running:
        seen = await running.client.send_raw(b"GET /todos HTTP/1.1\r\nHost:")
        assert seen.status == 408
        assert seen.connection_closed
        assert running.events()[:3] == ["connection", "timeout", "clientError"]


async def test_bytes_that_trickle_do_not_extend_the_time_of_a_head() -> None:
    async with serving(head_within=0.3, idle_within=60.0) as running:
        async with await running.client.connection() as connection:
            for byte in b"GET / HTTP/1.1\r\nX-Slow: " + b"a" * 1000:
                await connection.write(bytes((byte,)))
                connection.within = 0.02
                try:
                    answer = await connection.read()
                except TimedOutError:
                    continue
                assert answer.startswith(b"HTTP/1.1 408 ")
                return
        pytest.fail("the head was never timed")


async def test_a_second_head_has_its_own_time() -> None:
    async with serving(head_within=0.1, idle_within=60.0) as running:
        seen = await running.client.send_raw(GET + b"GET /todos", methods=["GET", "GET"])
        assert seen.statuses == (200, 408)


async def test_half_the_content_is_answered_408() -> None:
    async with serving(body_within=0.1) as running:
        data = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello"
        seen = await running.client.send_raw(data)
        assert seen.status == 408
        assert running.events()[1:5] == ["request", "timeout", "clientError", "aborted"]


async def test_content_that_nobody_reads_and_never_comes_ends_the_connection() -> None:
    async with serving(body_within=0.1) as running:
        data = b"DELETE /todos HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello"
        seen = await running.client.send_raw(data, methods=["DELETE", "GET"])
        assert seen.statuses == (405,)
        assert seen.connection_closed


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    async with serving(idle_within=0.1) as running, await running.client.connection() as connection:
        await connection.request("GET", "/todos")
        assert await connection.read() == b""
        assert "timeout" in running.events()


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with serving(head_within=0.1) as running, await running.client.connection() as connection:
        assert await connection.read() == b""


async def test_a_client_that_never_closes_is_left_behind() -> None:
    async with serving(linger_within=0.1) as running, await running.client.connection() as connection:
        await connection.write(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        await running.until("timeout")
        await running.until_empty()
        assert running.events()[-1] == "close"


async def test_a_client_that_does_not_read_is_left_behind() -> None:
    async with serving(write_within=0.1) as running, await running.client.connection() as connection:
        await connection.write(b"GET /stream-bytes/1000000000 HTTP/1.1\r\n" + HOST + b"\r\n")
        await running.until("timeout")
        await running.until("aborted")
        assert running.events()[-1] == "close"


async def test_the_request_past_the_limit_gets_503() -> None:
    async with serving(requests=2) as running:
        seen = await running.client.send_raw(GET * 4, methods=["GET"] * 3)
        assert seen.statuses == (200, 200, 503)
        assert [reply.value("connection") for reply in seen.replies] == ["keep-alive", "close", "close"]
        assert seen.replies[0].value("keep-alive") == "timeout=75, max=2"
        assert [event for event in running.events() if event in ("request", "dropRequest")] == [
            "request",
            "request",
            "dropRequest",
        ]


async def test_the_connection_past_the_limit_is_dropped() -> None:
    async with serving(connections=1) as running, await running.client.connection() as first:
        await first.request("GET", "/todos")
        with pytest.raises((ConnectionClosedError, ConnectError)):
            async with await running.client.connection() as second:
                await second.request("GET", "/todos")
        assert running.events(2) == ["connection", "dropConnection", "close"]
        assert (await first.request("GET", "/todos")).status == 200


async def test_more_unread_content_than_is_read_away_ends_the_connection() -> None:
    async with serving(drain=1000) as running:
        data = b"DELETE /todos HTTP/1.1\r\n" + HOST + b"Content-Length: 5000\r\n\r\n" + b"*" * 2000
        seen = await running.client.send_raw(data)
        assert seen.status == 405
        assert seen.connection_closed


async def test_stopping_finishes_what_is_under_way_and_closes_what_is_idle() -> None:
    async with serving() as running:
        idle = await running.client.connection()
        await idle.request("GET", "/todos")
        busy = await running.client.connection()
        call = await busy.start("GET", "/delay/0.3")
        await call.end()
        await running.until("request", connection=2)
        stopping = asyncio.ensure_future(running.site.stop(5.0))
        assert await idle.read() == b""
        reply = await call.head()
        assert reply.status == 200
        assert reply.value("connection") == "close"
        await busy.close()
        await idle.close()
        await stopping


async def test_stopping_does_not_wait_for_ever() -> None:
    async with serving() as running, await running.client.connection() as connection:
        call = await connection.start("GET", "/delay/9")
        await call.end()
        await running.until("request")
        await running.site.stop(0.1)
        with pytest.raises(ConnectionClosedError):
            await call.reply()


async def test_stopping_takes_leave_of_a_websocket() -> None:
    """1001 Going Away (RFC 6455 7.4.1), then FIN; nothing waits for the client."""
    fields = (
        (b"Connection", b"Upgrade"),
        (b"Upgrade", b"websocket"),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    )
    async with serving() as running, await running.client.connection() as connection:
        call = await connection.start("GET", "/websocket/echo", fields)
        assert (await call.reply()).status == 101
        assert call.tunnel is not None
        stopping = asyncio.ensure_future(running.site.stop(5.0))
        assert await call.tunnel.receive_exactly(4) == b"\x88\x02\x03\xe9"
        assert await connection.read() == b""
        await stopping
