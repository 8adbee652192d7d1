"""Content that takes its time or its room."""

from __future__ import annotations

import hashlib
import json
import time
import tracemalloc

import pytest

from services.http.app.errors import ClientGone
from services.http.app.routes import ROUTER
from services.http.app.routing import Match, answer
from services.http.app.tests.memory import MemoryExchange, ask, request


async def test_bytes_repeat_by_seed() -> None:
    first, again, other = [(await ask("GET", f"/bytes/1000?seed={seed}")).body for seed in (1, 1, 2)]
    assert len(first) == 1000
    assert first == again != other


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 1000])
@pytest.mark.parametrize("path", ["stream-bytes", "download"])
async def test_streams_are_as_long_as_asked(path: str, size: int) -> None:
    made = await ask("GET", f"/{path}/{size}?chunk_size=100")
    assert len(made.body) == size
    assert all(len(piece) <= 100 for piece in made.sent)
    assert made.value("content-length") == (str(size) if path == "download" else None)


async def test_lines_of_json() -> None:
    lines = (await ask("GET", "/stream/3?a=1")).body.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [0, 1, 2]


async def test_server_sent_events() -> None:
    made = await ask("GET", "/sse?count=2&duration=0")
    assert made.value("content-type") == "text/event-stream; charset=utf-8"
    events = made.body.decode().split("\n\n")
    assert [event.split("\n")[0] for event in events] == ["id: 0", "id: 1", ""]
    assert made.trailing[0][0] == b"server-timing"


async def test_a_reconnecting_client_goes_on_where_it_stopped() -> None:
    """HTML 9.2.4, Last-Event-ID."""
    made = await ask("GET", "/sse?count=1", {"last-event-id": "41"})
    assert made.body.startswith(b"id: 42\n")


async def test_drip_takes_its_time_and_not_more() -> None:
    begun = time.monotonic()
    made = await ask("GET", "/drip?numbytes=5&duration=0.1&delay=50ms&code=201")
    assert 0.15 <= time.monotonic() - begun < 1
    assert (made.status, made.sent, made.value("content-length")) == (201, [b"*"] * 5, "5")


async def test_delay() -> None:
    begun = time.monotonic()
    made = await ask("GET", "/delay/0.05")
    assert time.monotonic() - begun >= 0.05
    assert made.value("server-timing") == "delay;dur=50.0"


@pytest.mark.parametrize(
    "path",
    [
        "/delay/11",
        "/delay/-1",
        "/delay/x",
        "/delay/nan",
        "/drip?duration=6&delay=6",
        "/drip?numbytes=0",
        "/sse?count=0",
        "/bytes/99999999",
        "/bytes/-1",
        "/bytes/1e3",
        "/stream/0",
        "/stream/101",
        "/stream-bytes/1?chunk_size=0",
    ],
)
async def test_what_is_out_of_bounds_is_answered_400(path: str) -> None:
    assert (await ask("GET", path)).status == 400


async def test_an_upload_is_counted_and_hashed() -> None:
    made = await ask("POST", "/upload", {}, b"abc" * 1000)
    assert (made.json["size"], made.json["sha256"]) == (3000, hashlib.sha256(b"abc" * 1000).hexdigest())
    assert (await ask("PUT", "/upload?digest=none", {}, b"abc")).json["sha256"] is None


async def test_a_stream_to_a_client_that_left_is_given_up() -> None:
    exchange = MemoryExchange(request("GET", "/stream-bytes/1000000?chunk_size=10"), gone_after=100)
    found = ROUTER.match("GET", exchange.request.path)
    assert isinstance(found, Match)
    exchange.parameters = found.parameters
    with pytest.raises(ClientGone):
        await answer(found, exchange)
    assert len(exchange.body) == 100


async def test_nothing_is_made_for_head_and_memory_stays_flat() -> None:
    tracemalloc.start()
    made = await ask("HEAD", "/download/8589934592")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (made.value("content-length"), made.body) == ("8589934592", b"")
    assert peak < 1024 * 1024
