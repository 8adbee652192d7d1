"""Expectations, interim responses, trailers, HEAD, and the methods that ask the server as a whole."""

from __future__ import annotations

import pytest

from clients.http1 import Client, TimedOutError
from tests.http1.syntax.case import HOST

rfc, feature = pytest.mark.rfc, pytest.mark.feature

EXPECT = b"POST %b HTTP/1.%d\r\n" + HOST + b"Expect: %b\r\nContent-Length: 5\r\n\r\n%b"


class TestRFC9110Expect:
    """10.1.1. Expect"""

    @rfc("9110", "10.1.1")
    @feature("expect-continue", "echo")
    async def test_content_that_is_wanted_is_asked_for_with_100(self, client: Client) -> None:
        reply = await client.request("POST", "/echo", body=b"hello", expect=True)
        assert [interim.status for interim in reply.interims] == [100]
        assert reply.json()["body"] == "hello"

    @rfc("9110", "10.1.1")
    @feature("expect-continue")
    async def test_content_that_is_not_wanted_is_never_asked_for(self, client: Client) -> None:
        """405 can be said before any content has come; the connection then closes, or reads on."""
        seen = await client.send_raw((EXPECT % (b"/todos", 1, b"100-continue", b"")).replace(b"POST", b"PUT"))
        assert seen.status == 405
        assert seen.interims == ()

    @rfc("9110", "10.1.1")
    @feature("expect-continue", "echo")
    async def test_content_that_is_here_already_needs_no_100(self, client: Client) -> None:
        seen = await client.send_raw(EXPECT % (b"/echo", 1, b"100-continue", b"hello"))
        assert seen.status == 200
        assert seen.interims == ()

    @rfc("9110", "10.1.1")
    @feature("expect-continue", "echo")
    async def test_http_1_0_gets_no_100(self, client: Client) -> None:
        seen = await client.send_raw(EXPECT % (b"/echo", 0, b"100-continue", b"hello"))
        assert seen.status == 200
        assert seen.interims == ()

    @rfc("9110", "10.1.1")
    @feature("expect-continue", "echo")
    async def test_an_expectation_without_content_gets_no_100(self, client: Client) -> None:
        seen = await client.send_raw(b"GET /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n\r\n")
        assert seen.status == 200
        assert seen.interims == ()

    @rfc("9112", "9.3")
    @feature("expect-continue", "echo")
    async def test_an_expectation_without_content_costs_no_connection(self, client: Client) -> None:
        """Nothing stands between this request and the next: there is no content that may still come."""
        asked = b"GET /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n"
        seen = await client.send_raw(
            [asked + b"\r\n", asked + b"Connection: close\r\n\r\n"], methods=["GET"] * 2
        )
        assert seen.statuses == (200, 200)

    @rfc("9110", "10.1.1")
    @feature("expect-continue", "echo")
    async def test_the_same_expectation_twice_is_one(self, client: Client) -> None:
        async with await client.connection() as connection:
            await connection.write(EXPECT % (b"/echo", 1, b"100-continue, 100-continue", b""))
            assert (await connection.read()).startswith(b"HTTP/1.1 100 ")

    @rfc("9110", "10.1.1")
    @feature("expect-continue", "echo")
    async def test_the_expectation_is_read_in_any_letters(self, client: Client) -> None:
        async with await client.connection() as connection:
            await connection.write(EXPECT % (b"/echo", 1, b"100-CONTINUE", b""))
            assert (await connection.read()).startswith(b"HTTP/1.1 100 ")

    @rfc("9110", "10.1.1")
    @feature("expect-unknown")
    @pytest.mark.parametrize("expectation", [b"200-ok", b"100-continue, x", b"100-continue=1"])
    async def test_any_other_expectation_is_answered_417(self, client: Client, expectation: bytes) -> None:
        seen = await client.send_raw(EXPECT % (b"/echo", 1, expectation, b"hello"))
        assert seen.status == 417

    @rfc("9110", "10.1.1")
    @feature("expect-continue", "echo")
    async def test_http_1_0_has_no_expectations(self, client: Client) -> None:
        assert (await client.send_raw(EXPECT % (b"/echo", 0, b"200-ok", b"hello"))).status == 200


class TestRFC9110Interim:
    """15.2. Informational 1xx"""

    @rfc("9110", "15.2")
    @feature("interim")
    @pytest.mark.parametrize("statuses", ["102", "103", "103,103,102", "199,104"])
    async def test_interim_responses_come_first_and_in_order(self, client: Client, statuses: str) -> None:
        reply = await client.get(f"/interim/{statuses}")
        assert ",".join(str(interim.status) for interim in reply.interims) == statuses
        assert reply.status == 200

    @rfc("8297", "2")
    @feature("interim")
    async def test_early_hints_carry_links(self, client: Client) -> None:
        reply = await client.get("/interim/103")
        assert "rel=preload" in (reply.interims[0].value("link") or "")

    @rfc("9110", "15.2")
    @feature("interim-refused")
    async def test_http_1_0_gets_none(self, client: Client) -> None:
        seen = await client.send_raw(b"GET /interim/103 HTTP/1.0\r\n" + HOST + b"\r\n")
        assert seen.status == 200
        assert seen.interims == ()

    @rfc("9110", "15.2.2")
    @feature("interim-refused")
    @pytest.mark.parametrize("status", ["101", "100", "200", "abc"])
    async def test_no_other_status_can_be_ordered(self, client: Client, status: str) -> None:
        assert (await client.get(f"/interim/{status}")).status == 400


class TestRFC9112Trailers:
    """7.1.2. Chunked Trailer Section"""

    @rfc("9112", "7.1.2")
    @feature("request-trailers", "echo")
    async def test_the_trailers_of_a_request_reach_the_application(self, client: Client) -> None:
        reply = await client.request(
            "POST", "/echo", body=b"hello", trailers=((b"x-sum", b"5d41"), (b"x-sum", b"402a"))
        )
        assert reply.json()["body"] == "hello"
        assert reply.json()["trailers"] == [["x-sum", "5d41"], ["x-sum", "402a"]]

    @rfc("9110", "6.5.1")
    @feature("trailers-apart", "echo")
    async def test_trailers_are_not_merged_into_the_fields(self, client: Client) -> None:
        reply = await client.request("POST", "/echo", body=b"", trailers=((b"x-sum", b"1"),))
        assert "x-sum" not in [name.lower() for name, _ in reply.json()["fields"]]


class TestRFC9110Methods:
    """9. Methods"""

    @rfc("9110", "9.3.2")
    @feature("head")
    async def test_head_is_get_without_content(self, client: Client) -> None:
        got = await client.get("/todos?name=zhangsan")
        head = await client.request("HEAD", "/todos?name=zhangsan")
        assert head.status == got.status
        assert head.body == b""
        assert head.value("content-length") == got.value("content-length") == str(len(got.body))
        assert head.value("content-type") == got.value("content-type")

    @rfc("9112", "6.3")
    @feature("head")
    async def test_the_next_answer_follows_the_head_of_a_head(self, client: Client) -> None:
        one = b"%b /todos?name=lisi HTTP/1.1\r\n" + HOST + b"\r\n"
        seen = await client.send_raw(one % b"HEAD" + one % b"GET", methods=["HEAD", "GET"])
        assert seen.statuses == (200, 200)

    @rfc("9110", "15.5.6")
    @feature("methods")
    async def test_a_method_that_a_resource_does_not_take_is_405_with_allow(self, client: Client) -> None:
        reply = await client.request("PUT", "/todos")
        assert reply.status == 405
        assert {"GET", "HEAD", "POST"} <= set((reply.value("allow") or "").split(", "))

    @rfc("9110", "15.5.5")
    @feature("methods")
    async def test_what_is_not_there_is_404(self, client: Client) -> None:
        assert (await client.get("/no/such/thing")).status == 404

    @rfc("9110", "9.3.7")
    @feature("options")
    async def test_options_of_the_server(self, client: Client) -> None:
        reply = await client.request("OPTIONS", "*")
        assert reply.status in (200, 204)
        assert "GET" in (reply.value("allow") or "")

    @rfc("9110", "9.3.7")
    @feature("options")
    async def test_options_of_a_resource(self, client: Client) -> None:
        reply = await client.request("OPTIONS", "/todos")
        assert reply.status in (200, 204)
        assert set((reply.value("allow") or "").split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}

    @rfc("9110", "9.3.8")
    @feature("trace")
    async def test_trace_shows_the_head_as_received(self, client: Client) -> None:
        reply = await client.request("TRACE", "/todos?a=b", ((b"X-One", b"1"), (b"Max-Forwards", b"0")))
        assert reply.status == 200
        assert reply.value("content-type") == "message/http"
        lines = reply.text.split("\r\n")
        assert lines[0] == "TRACE /todos?a=b HTTP/1.1"
        assert "x-one: 1" in [line.lower() for line in lines]

    @rfc("9110", "9.3.8")
    @feature("trace")
    async def test_trace_keeps_credentials_to_itself(self, client: Client) -> None:
        secrets = ((b"Authorization", b"Basic eDp5"), (b"Cookie", b"a=b"), (b"Proxy-Authorization", b"x"))
        assert "eDp5" not in (reply := await client.request("TRACE", "/", secrets)).text
        assert "a=b" not in reply.text
        assert reply.status == 200

    @rfc("9110", "15.5.18")
    @feature("expect-continue", "echo")
    async def test_a_client_that_waits_for_100_and_sends_nothing_is_not_answered(
        self, client: Client
    ) -> None:
        """100 Continue came, and then it is the client's turn."""
        async with await client.connection() as connection:
            await connection.write(EXPECT % (b"/echo", 1, b"100-continue", b""))
            assert (await connection.read()).startswith(b"HTTP/1.1 100 ")
            connection.within = 0.1
            with pytest.raises(TimedOutError):
                await connection.read()
