"""What an HTTP/2 session answers as it arrives is answered, and told, as what takes a task is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from hpack import Decoder

from services.http.app.todos import BODY_LIMIT
from services.http.reference.h2 import Limits
from services.http.reference.http2 import Http2
from services.http.reference.http2_encoding import Heads
from services.http.reference.settings import HttpSettings
from services.http.reference.site import Site
from services.http.reference.tests.harness import Recorder
from services.kit.journal import Filter, Journal
from tests.http2 import wire

TODOS = (*wire.POST[:3], (b":path", b"/todos"))
BODY = b'{"name":"lisi"}'
WORDS = "医院复诊".encode()


@asynccontextmanager
async def recorded() -> AsyncIterator[tuple[Http2, Recorder]]:
    """A session that has begun, its transport a Recorder: what is read comes by `data_received`."""
    site = Site(HttpSettings(role="h2c", port=0), Journal("h2c"), "h2c.wireyard.test")
    session, transport = Http2(site, Heads(site), Limits()), Recorder()
    session.connection_made(transport)
    session.data_received(wire.PREFACE + wire.settings() + wire.SETTINGS_ACK)
    transport.writes.clear()
    yield session, transport
    session.connection_lost(None)
    await site.stop(0.0)


def written(transport: Recorder) -> bytes:
    return b"".join(octets for write in transport.writes for octets in write)


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer to stream 1, without its date, and the stream's events with what they tell."""

    fields: list[tuple[bytes, bytes]]
    content: bytes
    events: list[tuple[str, object]]


async def answered(*pieces: bytes) -> Seen:
    """What comes of stream 1; each piece is a read."""
    async with recorded() as (session, transport):
        journal = session.site.journal
        for piece in pieces:
            session.data_received(piece)
        assert await journal.wait(Filter(events=frozenset({"close"})), 5)
        events: list[tuple[str, object]] = [
            (record[4], record[5]) for record in journal.select(Filter()) if record[3] == 1
        ]
        head, *content = [frame for frame in wire.frames(written(transport)) if frame.stream == 1]
    fields = [(name, value) for name, value in Decoder().decode(head.payload, raw=True) if name != b"date"]
    return Seen(fields, b"".join(frame.payload for frame in content), events)


async def test_a_request_without_content_is_told_of_whole() -> None:
    events = (await answered(wire.request(1))).events
    assert [event for event, _ in events] == ["stream", "request", "finish", "close"]
    seen = {"method": "GET", "target": "/todos?name=lisi", "version": "2", "authority": "h2c.wireyard.test"}
    assert [data for _, data in events] == [None, seen, None, {"rstCode": 0}]


async def test_content_that_came_with_its_head_is_answered_as_one_that_came_later() -> None:
    head, body = wire.opened(1, fields=TODOS), wire.data(1, BODY)
    at_once = await answered(head + body)
    assert WORDS in at_once.content
    for cut in range(len(head), len(head + body)):
        assert await answered((head + body)[:cut], (head + body)[cut:]) == at_once
    assert await answered(head + wire.data(1, BODY[:5], 0) + wire.data(1, BODY[5:])) == at_once


async def test_content_is_given_back_to_the_sessions_window() -> None:
    async with recorded() as (session, _):
        for stream in range(1, 2001, 2):
            session.data_received(wire.opened(stream, fields=TODOS) + wire.data(stream, BODY.ljust(2048)))
        assert session.core.inflow > 0
        assert not session.core.streams


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"not JSON", b"the body is not a JSON object"), (b" " * (BODY_LIMIT + 1), b"the body is larger than")],
)
async def test_content_that_is_none_or_too_much_is_refused_either_way(body: bytes, words: bytes) -> None:
    head, content = wire.opened(1, fields=TODOS), wire.data(1, body[:4], 0) + wire.data(1, body[4:])
    at_once = await answered(head + content)
    assert words in at_once.content
    assert await answered(head, content) == at_once
