"""What is written, and how: small answers together, and bulky content as it is (RFC 9112 6)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.http.app.message import Response
from services.http.app.routing import Route
from services.http.reference.http1 import Http1
from services.http.reference.http1_output import BULKY
from services.http.reference.tests.harness import Recorder, recorded

GET = b"GET /%b HTTP/1.1\r\nHost: a.wireyard.test\r\n\r\n"
SMALL, LARGE = Response(200, (), b"small"), Response(200, (), bytes(BULKY))


async def later(_exchange: object) -> Response:
    return LARGE


ROUTES = (
    Route(("GET",), "/small", lambda _: SMALL, "", "echo"),
    Route(("GET",), "/large", lambda _: LARGE, "", "echo"),
    Route(("GET",), "/later", later, "", "echo"),
)


@pytest.fixture
async def wire() -> AsyncIterator[tuple[Http1, Recorder]]:
    async with recorded(*ROUTES) as both:
        yield both


@pytest.mark.parametrize("path", [b"large", b"later"])
async def test_bulky_content_goes_out_in_one_write_and_uncopied(
    wire: tuple[Http1, Recorder], path: bytes
) -> None:
    http, transport = wire
    for _ in range(2):
        http.data_received(GET % path)
    assert len(transport.writes) == 2
    for head, content in transport.writes:
        assert head.endswith(b"content-length: %d\r\n" % BULKY + http.kept + b"\r\n")
        assert content is LARGE.body
    assert http.connection.bytes_out == sum(len(head) + BULKY for head, _ in transport.writes)


async def test_small_answers_to_pipelined_requests_go_out_together(wire: tuple[Http1, Recorder]) -> None:
    http, transport = wire
    http.data_received(GET % b"small" * 10)
    ((octets,),) = transport.writes
    assert octets.count(b"\r\n\r\nsmall") == 10


async def test_gathered_answers_are_written_once_they_are_many(wire: tuple[Http1, Recorder]) -> None:
    http, transport = wire
    http.data_received(GET % b"large" * 10)
    assert len(transport.writes) == 2
    assert sum(len(piece) for pieces in transport.writes for piece in pieces) == http.connection.bytes_out
