"""Misbehaviour on purpose: what a client sees of it. Only HTTP/1.1 has a wire to break like this."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clients import http1, http2
from lab.topology import Endpoint
from tests.http.app.peer import connect, origin_of

feature = pytest.mark.feature
HEAD = 67


@pytest.fixture(params=["http1", "https"])
def role(request: pytest.FixtureRequest) -> str:
    """The roles that speak HTTP/1.1."""
    return str(request.param)


@pytest.fixture
def where(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> http1.Origin:
    """The role under test, to be sent raw requests."""
    return origin_of(role, endpoint(role), ca)


async def send(where: http1.Origin, target: str, method: str = "GET", body: bytes = b"") -> http1.RawReply:
    """One request, and all that came."""
    length = f"content-length: {len(body)}\r\n" if body else ""
    head = f"{method} {target} HTTP/1.1\r\nhost: {where.authority}\r\n{length}\r\n"
    return await http1.send_raw(where, head.encode() + body)


@feature("misbehaviour")
class TestMisbehaviour:
    """/wire/… breaks the rules, and costs no other connection anything."""

    @pytest.mark.parametrize("after", [0, 1, HEAD - 1, HEAD, HEAD + 50])
    async def test_fin_in_the_middle(self, where: http1.Origin, after: int) -> None:
        raw = await send(where, f"/wire/close?after={after}")
        assert (len(raw.data), raw.connection_closed, raw.reset, raw.replies) == (after, True, False, ())

    @pytest.mark.parametrize("after", [0, HEAD + 50])
    async def test_rst_in_the_middle(self, where: http1.Origin, after: int) -> None:
        raw = await send(where, f"/wire/reset?after={after}")
        assert (raw.reset, raw.replies) == (True, ())

    async def test_no_answer(self, where: http1.Origin) -> None:
        raw = await send(where, "/wire/empty")
        assert (raw.data, raw.connection_closed, raw.reset) == (b"", True, False)

    async def test_content_unread(self, where: http1.Origin) -> None:
        raw = await send(where, "/wire/deaf", "POST", b"x" * 1000)
        assert (raw.data, raw.connection_closed) == (b"", True)

    async def test_a_wrong_length(self, where: http1.Origin) -> None:
        raw = await send(where, "/wire/length?said=10&sent=3")
        assert raw.data.endswith(b"content-length: 10\r\n\r\n***")
        assert raw.connection_closed

    async def test_two_answers(self, where: http1.Origin) -> None:
        assert (await send(where, "/wire/two-answers")).data.count(b"HTTP/1.1 200 OK\r\n") == 2

    async def test_the_answer_before_the_content_is_read(self, where: http1.Origin) -> None:
        raw = await send(where, "/wire/early", "POST", b"x" * 1000)
        assert raw.status == 200
        assert raw.connection_closed

    @pytest.mark.parametrize("status", [100, 102, 103, 199])
    async def test_interim_answers_that_nobody_asked_for(self, where: http1.Origin, status: int) -> None:
        raw = await send(where, f"/wire/interim/{status}?times=3")
        assert [interim.status for interim in raw.interims] == [status] * 3
        assert raw.status == 200

    @pytest.mark.parametrize("part", ["head", "body"])
    async def test_a_byte_at_a_time(self, where: http1.Origin, part: str) -> None:
        begun = time.monotonic()
        raw = await send(where, f"/wire/slow-{part}?seconds=0.3")
        assert time.monotonic() - begun >= 0.3
        assert (raw.status, len(raw.reply.body)) == (200, 100)

    async def test_a_stall_in_the_middle(self, where: http1.Origin) -> None:
        begun = time.monotonic()
        raw = await send(where, f"/wire/stall?after={HEAD + 10}&seconds=0.3")
        assert time.monotonic() - begun >= 0.3
        assert (len(raw.data), raw.connection_closed) == (HEAD + 10, True)

    @pytest.mark.parametrize(
        ("flaw", "bytes_of_it"),
        [
            ("status-line/garbage", bytes(range(128, 256))),
            ("status-line/short-code", b"HTTP/1.1 20 OK\r\n"),
            ("field/nul", b"a\0b"),
            ("field/giant", b"a" * 1024 * 1024),
            ("field/two-lengths", b"content-length: 5\r\ncontent-length: 6\r\n"),
            ("chunk/no-hex", b"\r\nxyz\r\n"),
            ("chunk/truncated", b"5\r\nhel"),
        ],
    )
    async def test_malformed_answers(self, where: http1.Origin, flaw: str, bytes_of_it: bytes) -> None:
        raw = await send(where, f"/wire/{flaw}")
        assert bytes_of_it in raw.data
        assert raw.connection_closed
        assert raw.replies == () or raw.error or flaw == "field/giant"

    async def test_bad_orders_are_refused_in_the_rules(self, where: http1.Origin) -> None:
        assert (await send(where, "/wire/close?after=0")).data == b""
        assert (await send(where, "/wire/close?after=x")).status == 400
        assert (await send(where, "/wire/chunk/unheard-of")).status == 400


@feature("reset-on-purpose")
@pytest.mark.parametrize("role", ["http1", "https"])
async def test_an_answer_is_broken_off_by_rst(where: http1.Origin) -> None:
    raw = await send(where, "/wire/reset-stream")
    assert (raw.reset, raw.replies) == (True, ())


@feature("reset-on-purpose")
@pytest.mark.rfc("9113", "5.4.2")
@pytest.mark.parametrize("role", ["h2c", "h2"])
async def test_an_answer_is_broken_off_by_rst_stream(
    role: str, endpoint: Callable[..., Endpoint], ca: Path
) -> None:
    async with http2.Session(origin_of(role, endpoint(role), ca)) as session:
        call = await session.start("GET", "/wire/reset-stream?code=11", end=True)
        with pytest.raises(http2.StreamResetError):
            await call.reply()
        assert call.reset_code == 11
        assert (await session.get("/ip")).status == 200


@feature("misbehaviour")
@pytest.mark.rfc("9110", "15.6.2")
@pytest.mark.parametrize("role", ["h2c", "h2"])
async def test_http2_has_no_such_wire(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> None:
    async with connect(role, endpoint, ca) as peer:
        answer = await peer.fetch("GET", "/wire/empty")
        assert (answer.status, answer.json()["error"]) == (501, "Not Implemented")
