"""Handlers that go wrong cost their own request, and no client takes half an answer for a whole one."""

from __future__ import annotations

import pytest

from clients.http1 import BadResponseError, ConnectionClosedError
from services.http.app.abilities import Wire
from services.http.app.exchange import Exchange
from services.http.app.message import Request, Response
from services.http.app.routing import Route
from services.http.reference.tests.harness import serving

HOST = b"Host: a.wireyard.test\r\n"


def immediate_bug(_request: Request) -> Response:
    raise ValueError("a bug")


async def early_bug(_exchange: Exchange) -> Response:
    raise ValueError("a bug")


async def late_bug(exchange: Exchange) -> None:
    await exchange.start(200)
    await exchange.send(b"half")
    raise ValueError("a bug")


async def nothing(_exchange: Exchange) -> None:
    return


async def too_long(exchange: Exchange) -> None:
    await exchange.start(200, ((b"content-length", b"4"),))
    await exchange.send(b"five!")


async def too_short(exchange: Exchange) -> None:
    await exchange.start(200, ((b"content-length", b"6"),))
    await exchange.send(b"five!")


async def split(_exchange: Exchange) -> Response:
    return Response(200, ((b"x", b"1\r\nset-cookie: a=b"),))


async def twice(exchange: Exchange) -> Response:
    await exchange.respond(Response(200, (), b"one"))
    return Response(200, (), b"two")


async def unfinished(exchange: Exchange) -> None:
    await exchange.start(200)
    await exchange.send(b"all of it")


async def wire_after_start(exchange: Exchange) -> None:
    await exchange.start(200, ((b"content-length", b"5"),))
    await exchange.ability(Wire).write(b"x")


ROUTES = tuple(
    Route(("GET",), f"/{handler.__name__}", handler, "", "echo")
    for handler in (
        immediate_bug,
        early_bug,
        late_bug,
        nothing,
        too_long,
        too_short,
        split,
        twice,
        unfinished,
        wire_after_start,
    )
)


@pytest.mark.parametrize("path", ["/immediate_bug", "/early_bug", "/nothing", "/split"])
async def test_before_the_head_it_is_500_and_the_connection_goes_on(path: str) -> None:
    async with serving(*ROUTES) as running, await running.client.connection() as connection:
        assert (await connection.request("GET", path)).status == 500
        reply = await connection.request("GET", path)
        assert (reply.status, reply.reused) == (500, True)


@pytest.mark.parametrize("path", ["/late_bug", "/too_long", "/too_short", "/wire_after_start"])
async def test_behind_the_head_the_answer_is_seen_to_be_cut(path: str) -> None:
    async with serving(*ROUTES) as running:
        with pytest.raises((ConnectionClosedError, BadResponseError)):
            await running.client.get(path)
        assert "error" in running.events()
        assert "finish" not in running.events()


async def test_an_answer_that_ends_with_the_connection_is_cut_by_a_reset() -> None:
    async with serving(*ROUTES) as running:
        seen = await running.client.send_raw(b"GET /late_bug HTTP/1.0\r\n" + HOST + b"\r\n")
        assert seen.reset


async def test_a_second_response_is_not_sent() -> None:
    async with serving(*ROUTES) as running:
        seen = await running.client.send_raw(b"GET /twice HTTP/1.1\r\n" + HOST + b"\r\n")
        assert seen.statuses == (200,)
        assert seen.reply.body == b"one"
        assert "error" in running.events()


async def test_a_response_that_was_begun_is_ended_for_the_handler() -> None:
    async with serving(*ROUTES) as running:
        assert (await running.client.get("/unfinished")).body == b"all of it"


async def whole_content(exchange: Exchange) -> Response:
    """Answers with the content, having waited for nothing that is here already."""
    pieces = []
    while piece := await exchange.receive():
        pieces.append(piece)
    return Response(200, (), b"".join(pieces))


async def test_any_number_of_pipelined_requests_with_content_is_answered_in_order() -> None:
    """Each answer ends where it began, in the same call: a call inside the other would end the stack."""
    numbers = [b"%04d" % number for number in range(2000)]
    asked = [b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\n" + number for number in numbers]
    async with serving(Route(("POST",), "/", whole_content, "", "echo")) as running:
        seen = await running.client.send_raw(b"".join(asked), methods=["POST"] * len(asked))
        assert [reply.body for reply in seen.replies] == numbers
