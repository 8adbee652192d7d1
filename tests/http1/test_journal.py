"""What the service saw, in the order in which Node's http emits it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from clients.http1 import Client
from tests.http1.syntax.case import HOST, NEXT
from tests.support.journal import Event, Journal

feature = pytest.mark.feature
JournalOf = Callable[[str], Journal]

EXCHANGE = ["request", "finish", "close"]
OTHERS = frozenset(("secureConnection", "drain", "error", "end"))
"""What TLS and the kernel add in their own time."""


def names(events: Sequence[Event]) -> list[str]:
    """The events of HTTP/1.1 itself, in order."""
    return [event.event for event in events if event.event not in OTHERS]


class Seen:
    """Sends bytes, and gives what the service's journal says of that connection."""

    def __init__(self, client: Client, journal: Journal) -> None:
        self._client, self._journal = client, journal

    async def __call__(self, data: bytes, **options: object) -> list[Event]:
        seen = await self._client.send_raw(data, **options)
        assert seen.local is not None
        return await self._journal.of(seen.local)


@pytest.fixture
def seen(client: Client, journal: JournalOf, role: str) -> Seen:
    return Seen(client, journal(role))


@feature("journal-http")
async def test_a_request(seen: Seen) -> None:
    events = await seen(NEXT)
    assert names(events) == ["connection", *EXCHANGE, "close"]
    request = next(event for event in events if event.event == "request")
    assert request.data["method"] == "GET"
    assert request.data["target"] == "/todos"
    assert [event.stream for event in events if event.event == "finish"] == [1]


@feature("journal-http")
async def test_pipelined_requests_each_have_their_number(seen: Seen) -> None:
    one = b"GET /todos HTTP/1.1\r\n" + HOST + b"\r\n"
    events = await seen(one * 2 + NEXT, methods=["GET"] * 3)
    assert [event.stream for event in events if event.event == "request"] == [1, 2, 3]
    assert [event.stream for event in events if event.event == "finish"] == [1, 2, 3]
    for number in (1, 2, 3):
        assert [event.event for event in events if event.stream == number] == EXCHANGE


@feature("journal-http", "echo")
async def test_an_exchange_with_content(seen: Seen) -> None:
    data = b"POST /echo HTTP/1.1\r\n" + HOST + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello"
    assert names(await seen(data)) == ["connection", *EXCHANGE, "close"]


@feature("journal-http", "expect-continue", "echo")
async def test_an_expectation_stands_for_the_request(seen: Seen) -> None:
    data = b"POST /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"
    events = await seen(data)
    assert names(events) == ["connection", "checkContinue", "finish", "close", "close"]


@feature("journal-http", "expect-unknown")
async def test_an_unknown_expectation(seen: Seen) -> None:
    data = b"GET /todos HTTP/1.1\r\n" + HOST + b"Expect: the-unexpected\r\n\r\n"
    assert names(await seen(data))[1:4] == ["checkExpectation", "finish", "close"]


@feature("journal-http", "interim")
async def test_interim_responses(seen: Seen) -> None:
    events = await seen(b"GET /interim/103,102 HTTP/1.1\r\n" + HOST + b"\r\n")
    assert names(events)[1:6] == ["request", "information", "information", "finish", "close"]
    assert [event.data["status"] for event in events if event.event == "information"] == [103, 102]


@feature("journal-http")
async def test_what_is_no_request(seen: Seen) -> None:
    events = await seen(b"GET / HTTP/1.1\nHost: x\r\n\r\n")
    assert names(events) == ["connection", "clientError", "close"]
    error = next(event for event in events if event.event == "clientError")
    assert error.data["status"] == 400
    assert error.data["clause"] == "RFC 9112 2.2"


@feature("journal-http", "echo")
async def test_content_that_is_malformed(seen: Seen) -> None:
    data = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nx\r\n"
    events = await seen(data)
    assert names(events) == ["connection", "request", "clientError", "aborted", "close", "close"]


@feature("journal-http", "connect")
async def test_connect_stands_for_the_request(seen: Seen) -> None:
    data = b"CONNECT dns.wireyard.test:53 HTTP/1.1\r\nHost: dns.wireyard.test:53\r\nConnection: close\r\n\r\n"
    assert names(await seen(data, methods=["CONNECT"]))[1:4] == ["connect", "finish", "close"]


@feature("journal-http", "upgrade")
async def test_an_upgrade_stands_for_the_request(client: Client, journal: JournalOf, role: str) -> None:
    fields = ((b"Connection", b"upgrade"), (b"Upgrade", b"wireyard-echo"))
    async with await client.connection() as connection:
        await connection.request("GET", "/upgrade", fields)
    assert connection.local is not None
    events = await journal(role).of(connection.local)
    assert names(events)[:2] == ["connection", "upgrade"]
    assert "request" not in names(events)


@feature("journal-http", "upgrade")
async def test_an_upgrade_that_is_ignored_is_a_request(seen: Seen) -> None:
    data = b"GET /todos HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: foo\r\n\r\n"
    assert names(await seen(data))[1:4] == EXCHANGE


@feature("journal-http", "streaming")
async def test_a_client_that_leaves_aborts_its_response(
    client: Client, journal: JournalOf, role: str
) -> None:
    connection = await client.connection()
    await connection.write(b"GET /drip?duration=9&numbytes=9 HTTP/1.1\r\n" + HOST + b"\r\n")
    await connection.read()
    connection.abort()
    assert connection.local is not None
    events = await journal(role).of(connection.local)
    ending = [event.event for event in events if event.stream == 1]
    assert ending[0] == "request"
    assert ending[-2:] == ["aborted", "close"]
    assert "finish" not in ending
    assert events[-1].event == "close"
    assert events[-1].stream is None


@feature("journal-http", "half-close")
@pytest.mark.parametrize("role", ["http1", "h2c"], indirect=True)
async def test_the_client_s_end_comes_before_the_answer_it_did_not_wait_for(seen: Seen) -> None:
    events = await seen(b"GET /delay/0.1 HTTP/1.1\r\n" + HOST + b"\r\n", half_close=True)
    assert [event.event for event in events] == ["connection", "request", "end", "finish", "close", "close"]
