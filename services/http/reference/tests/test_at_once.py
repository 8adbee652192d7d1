"""What is answered as it arrives, without an exchange, is answered as an exchange would answer it."""

from __future__ import annotations

import pytest

from services.http.app.routes import ROUTER
from services.http.app.todos import BODY_LIMIT
from services.http.reference.h1.limits import Limits
from services.http.reference.http1 import Http1
from services.http.reference.plans import Plan, Plans
from services.http.reference.tests.harness import Recorder, recorded
from services.kit.journal import Filter

HOST = b"Host: a.wireyard.test\r\n"
BODY = b'{"name":"lisi"}'
POST = b"POST /todos HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n%b"
GET = b"GET %b HTTP/1.1\r\n" + HOST + b"%b\r\n"


def plan(raw: bytes) -> Plan:
    return Plans(ROUTER, "http", Limits()).read(raw)


async def answered(http: Http1, transport: Recorder, *pieces: bytes, requests: int = 1) -> bytes:
    """What is written once so many requests are over; each piece is a read of its own."""
    journal, before = http.site.journal, http.site.journal.last
    for piece in pieces:
        http.data_received(piece)
    over = 0
    while over < requests:
        closed = await journal.wait(Filter(since=before, events=frozenset({"close"})), 5)
        over, before = over + len(closed), closed[-1][0]
    written = b"".join(octets for write in transport.writes for octets in write)
    transport.writes.clear()
    return written


async def test_content_that_came_with_its_head_is_answered_as_one_cut_anywhere() -> None:
    whole = POST % (len(BODY), BODY)
    async with recorded() as (http, transport):
        at_once = await answered(http, transport, whole)
        assert at_once.endswith('[{"name":"hospital","introduce":"医院复诊"}]'.encode())
        for cut in range(1, len(whole)):
            assert await answered(http, transport, whole[:cut], whole[cut:]) == at_once
        told = [record[4] for record in http.site.journal.select(Filter(since=1))]
    assert told == ["request", "finish", "close"] * len(whole)


async def test_requests_with_content_are_answered_in_their_turn_among_others() -> None:
    requests = (GET % (b"/todos?name=nobody", b"")) + POST % (len(BODY), BODY) + POST % (2, b"{}")
    async with recorded() as (http, transport):
        written = await answered(http, transport, requests + requests, requests=6)
    assert [part[:3] for part in written.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"400"] * 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"not JSON", b"the body is not a JSON object: 'not JSON'"),
        (b'{"name":', b"the body is not a JSON object"),
        (b"{}", b'the body is not a JSON object with a string \\"name\\"'),
        ('{"name":"lisi"}'.encode("utf-16-be"), b"the body is not a JSON object"),
    ],
)
async def test_content_that_is_none_is_refused_either_way(body: bytes, words: bytes) -> None:
    whole = POST % (len(body), body)
    async with recorded() as (http, transport):
        at_once = await answered(http, transport, whole)
        assert at_once.startswith(b"HTTP/1.1 400 ")
        assert words in at_once
        assert await answered(http, transport, whole[:-1], whole[-1:]) == at_once


def test_a_plain_request_with_content_of_known_length_is_planned_to_be_answered_at_once() -> None:
    assert plan(POST % (len(BODY), b"")).prompt is not None


@pytest.mark.parametrize(
    "lines",
    [
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: %d\r\n" % (BODY_LIMIT + 1),
        b"Content-Length: 0\r\n",
        b"Content-Length: 5\r\nExpect: 100-continue\r\n",
        b"Content-Length: 5\r\nConnection: close\r\n",
        b"Content-Length: 5\r\nConnection: upgrade\r\nUpgrade: h2c\r\n",
    ],
)
def test_what_is_out_of_the_ordinary_takes_an_exchange(lines: bytes) -> None:
    assert plan(b"POST /todos HTTP/1.1\r\n" + HOST + lines + b"\r\n").prompt is None


def test_a_whole_range_is_answered_from_its_head() -> None:
    found = plan(GET % (b"/range/30", b""))
    assert found.simple is not None
    assert found.simple(found.request).body == b"abcdefghijklmnopqrstuvwxyzabcd"


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        (b"/range/65537", b""),
        (b"/range/0", b""),
        (b"/range/x", b""),
        (b"/range/30", b"Range: bytes=0-1\r\n"),
        (b"/range/30", b'If-None-Match: "range30"\r\n'),
    ],
)
def test_a_part_or_what_is_conditional_or_much_or_wrong_takes_an_exchange(
    target: bytes, lines: bytes
) -> None:
    assert plan(GET % (target, lines)).simple is None


async def test_a_last_request_that_is_known_is_answered_as_one_that_is_not() -> None:
    last = GET % (b"/todos?name=lisi", b"Connection: close\r\n")
    async with recorded() as (http, transport):
        new = await answered(http, transport, last)
        assert b"\r\nconnection: close\r\n" in new.lower()
        plans = http._plans
        assert last in plans.known
        for pieces in ((last,), (last[:20], last[20:])):
            another, its = Http1(http.site, plans), Recorder()
            another.connection_made(its)
            before = http.site.journal.last
            assert await answered(another, its, *pieces) == new
            told = [record[4] for record in http.site.journal.select(Filter(since=before))]
            assert told == ["request", "finish", "close"]
            another.data_received(last)
            assert not its.writes
            another.connection_lost(None)
