"""RFC 9112 9: how long a connection lives, and how it ends."""

from __future__ import annotations

import asyncio

import pytest

from clients.http1 import Client, Connection
from tests.http1.syntax.case import HOST, NEXT, REFUSALS

rfc, feature = pytest.mark.rfc, pytest.mark.feature
plain = pytest.mark.parametrize("role", ["http1", "h2c"], indirect=True)
"""asyncio's TLS cannot close one direction alone."""

TODOS = b"GET /todos?name=%b HTTP/1.1\r\n" + HOST + b"\r\n"


class TestRFC9112Persistence:
    """9.3. Persistence"""

    @rfc("9112", "9.3")
    @feature("keep-alive")
    async def test_one_connection_serves_one_request_after_another(self, client: Client) -> None:
        async with await client.connection() as connection:
            replies = [await connection.request("GET", "/todos?name=lisi") for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 200]
        assert [reply.reused for reply in replies] == [False, True, True]

    @rfc("9112", "9.3")
    @feature("keep-alive")
    async def test_a_connection_goes_on_after_content_that_was_not_read(self, client: Client) -> None:
        """A server that has not read all content must read it away, or close (RFC 9112 9.3)."""
        async with await client.connection() as connection:
            await connection.request("DELETE", "/todos", body=b"*" * 30_000)
            assert (await connection.request("GET", "/todos?name=lisi")).status == 200

    @rfc("9112", "9.6")
    @feature("keep-alive")
    async def test_close_is_answered_with_close_and_an_end(self, client: Client) -> None:
        seen = await client.send_raw(NEXT)
        assert seen.status == 200
        assert seen.reply.value("connection") == "close"
        assert seen.connection_closed
        assert not seen.reset

    @rfc("9112", "9.6")
    @feature("keep-alive")
    async def test_nothing_behind_close_is_answered(self, client: Client) -> None:
        seen = await client.send_raw(NEXT + NEXT)
        assert seen.statuses == (200,)

    @rfc("9112", "9.3")
    @feature("keep-alive")
    @pytest.mark.parametrize("option", [b"close", b"Close", b"keep-alive, close", b"x, \tCLOSE"])
    async def test_the_option_is_a_member_of_a_list_in_any_letters(
        self, client: Client, option: bytes
    ) -> None:
        data = b"GET /todos HTTP/1.1\r\n" + HOST + b"Connection: " + option + b"\r\n\r\n"
        assert (await client.send_raw(data)).connection_closed

    @rfc("9112", "9.3")
    @feature("keep-alive")
    async def test_http_1_0_closes(self, client: Client) -> None:
        seen = await client.send_raw(b"GET /todos HTTP/1.0\r\n" + HOST + b"\r\n")
        assert seen.status == 200
        assert seen.connection_closed

    @rfc("9112", "9.3")
    @feature("keep-alive")
    async def test_http_1_0_goes_on_when_asked_to(self, client: Client) -> None:
        one = b"GET /todos HTTP/1.0\r\n" + HOST + b"Connection: keep-alive\r\n\r\n"
        seen = await client.send_raw(one + one, methods=["GET", "GET"])
        assert seen.statuses == (200, 200)
        assert seen.reply.value("connection") == "keep-alive"
        assert not seen.connection_closed

    @rfc("9112", "9.3")
    @feature("keep-alive-told")
    async def test_the_client_is_told_how_long_its_connection_is_kept(self, client: Client) -> None:
        reply = await client.get("/todos")
        kept = reply.value("keep-alive") or ""
        assert kept.startswith("timeout=")
        assert int(kept.removeprefix("timeout=").partition(",")[0]) > 0
        assert "keep-alive" in (reply.value("connection") or "")


class TestRFC9112Pipelining:
    """9.3.2. Pipelining"""

    @rfc("9112", "9.3.2")
    @feature("pipelining")
    async def test_answers_come_in_the_order_of_the_requests(self, client: Client) -> None:
        names = [b"lisi", b"zhangsan", b"nobody"] * 20
        seen = await client.send_raw(b"".join(TODOS % name for name in names), methods=["GET"] * len(names))
        bodies = [reply.text for reply in seen.replies]
        assert [("hospital" in body, "birth" in body) for body in bodies] == [
            (name == b"lisi", name == b"zhangsan") for name in names
        ]

    @rfc("9112", "9.3.2")
    @feature("pipelining", "echo")
    async def test_a_slow_answer_holds_back_the_quick_one_behind_it(self, client: Client) -> None:
        slow = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello"
        seen = await client.send_raw(slow + TODOS % b"lisi" + slow, methods=["GET"] * 3)
        assert ["hello" in reply.text for reply in seen.replies] == [True, False, True]

    @rfc("9112", "9.3.2")
    @feature("pipelining")
    async def test_ten_thousand_requests_at_once_are_all_answered(self, client: Client) -> None:
        one = TODOS % b"lisi"
        length = len((await client.send_raw(one)).data)

        async def send(connection: Connection) -> None:
            for _ in range(100):
                await connection.write(one * 100)

        async def receive(connection: Connection) -> int:
            received = 0
            while received < length * 10_000 and (piece := await connection.read()):
                received += len(piece)
            return received

        async with await client.connection() as connection:
            _, received = await asyncio.gather(send(connection), receive(connection))
            assert received == length * 10_000


class TestRFC9112TearDown:
    """9.6. Tear-down"""

    @rfc("9112", "9.6")
    @feature("half-close")
    @plain
    async def test_a_client_that_has_closed_its_side_is_still_answered(self, client: Client) -> None:
        seen = await client.send_raw(TODOS % b"lisi" + TODOS % b"lisi", methods=["GET"] * 2, half_close=True)
        assert seen.statuses == (200, 200)
        assert seen.connection_closed
        assert not seen.reset

    @rfc("9112", "8")
    @feature("half-close")
    @plain
    async def test_half_a_request_and_fin_is_answered_400(self, client: Client) -> None:
        seen = await client.send_raw(b"GET /todos HTT", half_close=True)
        assert seen.status == 400
        assert seen.connection_closed

    @rfc("9112", "8")
    @feature("half-close", "echo")
    @plain
    async def test_half_the_content_and_fin_is_answered_400(self, client: Client) -> None:
        data = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello"
        seen = await client.send_raw(data, half_close=True)
        assert seen.status == 400
        assert seen.connection_closed

    @rfc("9112", "9.6")
    @feature("lingering-close")
    async def test_an_error_is_readable_although_its_content_was_not_read(self, client: Client) -> None:
        """Without a lingering close, the unread bytes would reset the connection under the answer."""
        head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 400000\r\nContent-Length: 1\r\n\r\n"
        seen = await client.send_raw([head, *[b"*" * 20_000] * 20])
        assert seen.status in REFUSALS
        assert seen.connection_closed
        assert not seen.reset

    @rfc("9112", "9.5")
    @feature("keep-alive")
    async def test_a_client_that_vanishes_costs_nobody_else(self, client: Client) -> None:
        connection = await client.connection()
        await connection.write(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhel")
        connection.abort()
        assert (await client.get("/todos?name=lisi")).status == 200
