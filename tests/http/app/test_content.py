"""Ranges, conditions, and content that takes its time or its room."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator

import pytest

from tests.http.app.conftest import Fetch

rfc, feature = pytest.mark.rfc, pytest.mark.feature


@feature("ranges")
class TestRanges:
    """RFC 9110 14."""

    @rfc("9110", "15.3.7.1")
    async def test_one_range(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/range/100", {"range": "bytes=26-28"})
        assert (answer.status, answer.body, answer.value("content-range")) == (206, b"abc", "bytes 26-28/100")

    @rfc("9110", "14.1.2")
    @pytest.mark.parametrize(
        ("asked", "first", "last"), [("95-", 95, 99), ("-5", 95, 99), ("90-200", 90, 99)]
    )
    async def test_open_ranges(self, fetch: Fetch, asked: str, first: int, last: int) -> None:
        answer = await fetch("GET", "/range/100", {"range": f"bytes={asked}"})
        assert answer.value("content-range") == f"bytes {first}-{last}/100"
        assert len(answer.body) == last - first + 1

    @rfc("9110", "15.3.7.2")
    async def test_several_ranges(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/range/100", {"range": "bytes=0-1,50-51"})
        media_type, _, boundary = (answer.value("content-type") or "").partition("; boundary=")
        assert (answer.status, media_type) == (206, "multipart/byteranges")
        parts = answer.body.split(f"--{boundary}".encode())
        assert parts[-1].strip() == b"--"
        assert [part.strip().partition(b"\r\n\r\n")[2] for part in parts[1:-1]] == [b"ab", b"yz"]

    @rfc("9110", "15.5.17")
    async def test_none_that_can_be_had(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/range/100", {"range": "bytes=100-"})
        assert (answer.status, answer.value("content-range")) == (416, "bytes */100")

    @rfc("9110", "14.2")
    @pytest.mark.parametrize("value", ["lines=1-2", "bytes=x-y", "bytes=5-4", "bytes=-"])
    async def test_what_makes_no_sense_is_ignored(self, fetch: Fetch, value: str) -> None:
        answer = await fetch("GET", "/range/100", {"range": value})
        assert (answer.status, len(answer.body)) == (200, 100)

    @rfc("9110", "13.1.5")
    async def test_if_range(self, fetch: Fetch) -> None:
        tag = (await fetch("GET", "/range/100")).value("etag") or ""
        held = await fetch("GET", "/range/100", {"range": "bytes=0-1", "if-range": tag})
        other = await fetch("GET", "/range/100", {"range": "bytes=0-1", "if-range": '"other"'})
        assert (held.status, other.status) == (206, 200)


@feature("conditional-requests")
class TestConditionalRequests:
    """RFC 9110 13."""

    @rfc("9110", "13.1.2")
    @pytest.mark.parametrize(
        ("held", "status"), [('"abc"', 304), ('W/"abc"', 304), ('"x", "abc"', 304), ("*", 304), ('"x"', 200)]
    )
    async def test_if_none_match(self, fetch: Fetch, held: str, status: int) -> None:
        answer = await fetch("GET", "/etag/abc", {"if-none-match": held})
        assert (answer.status, answer.value("etag")) == (status, '"abc"')

    @rfc("9110", "13.1.1")
    @pytest.mark.parametrize(("held", "status"), [('"abc"', 200), ('W/"abc"', 412), ('"x"', 412), ("*", 200)])
    async def test_if_match_guards_a_change(self, fetch: Fetch, held: str, status: int) -> None:
        assert (await fetch("PUT", "/etag/abc", {"if-match": held}, b"new")).status == status

    @rfc("9110", "13.1.3")
    async def test_if_modified_since(self, fetch: Fetch) -> None:
        modified = (await fetch("GET", "/range/10")).value("last-modified") or ""
        assert (await fetch("GET", "/range/10", {"if-modified-since": modified})).status == 304
        older = {"if-modified-since": "Thu, 01 Jan 1998 00:00:00 GMT"}
        assert (await fetch("GET", "/range/10", older)).status == 200

    @rfc("9110", "13.2.2")
    async def test_entity_tags_go_before_dates(self, fetch: Fetch) -> None:
        modified = (await fetch("GET", "/range/10")).value("last-modified") or ""
        fields = {"if-none-match": '"other"', "if-modified-since": modified}
        assert (await fetch("GET", "/range/10", fields)).status == 200

    @rfc("9111", "5.2.2.1")
    async def test_freshness(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/cache/60")).value("cache-control") == "public, max-age=60"


async def pieces(count: int, size: int) -> AsyncIterator[bytes]:
    """Zeros, giving way between two pieces so that both directions go on."""
    for _ in range(count):
        yield bytes(size)
        await asyncio.sleep(0)


@feature("streaming")
class TestStreaming:
    """RFC 9110 6.4."""

    @pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 5_000_000])
    async def test_down_with_its_length_said(self, fetch: Fetch, size: int) -> None:
        answer = await fetch("GET", f"/download/{size}")
        assert (answer.value("content-length"), len(answer.body)) == (str(size), size)

    async def test_down_with_its_length_unsaid(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/stream-bytes/200000?seed=1&chunk_size=1000")
        assert answer.value("content-length") is None
        assert len(answer.body) == 200_000

    async def test_up(self, fetch: Fetch) -> None:
        said = (await fetch("POST", "/upload", {}, bytes(3_000_000))).json()
        assert (said["size"], said["sha256"]) == (3_000_000, hashlib.sha256(bytes(3_000_000)).hexdigest())

    async def test_up_with_its_length_unsaid(self, fetch: Fetch) -> None:
        assert (await fetch("PUT", "/upload", {}, pieces(50, 20_000))).json()["size"] == 1_000_000

    async def test_random_bytes_repeat_by_seed(self, fetch: Fetch) -> None:
        first, again = await fetch("GET", "/bytes/100?seed=7"), await fetch("GET", "/bytes/100?seed=7")
        assert len(first.body) == 100
        assert first.body == again.body

    @pytest.mark.parametrize("path", ["/stream/5", "/jsonl/5"])
    async def test_lines_of_json(self, fetch: Fetch, path: str) -> None:
        lines = (await fetch("GET", path)).body.splitlines()
        assert [json.loads(line)["id"] for line in lines] == [0, 1, 2, 3, 4]


@feature("timing")
class TestTiming:
    """Answers that come late."""

    async def test_delay(self, fetch: Fetch) -> None:
        begun = time.monotonic()
        assert (await fetch("GET", "/delay/0.2")).status == 200
        assert time.monotonic() - begun >= 0.2

    async def test_drip(self, fetch: Fetch) -> None:
        begun = time.monotonic()
        answer = await fetch("GET", "/drip?numbytes=5&duration=0.2&delay=0.1")
        assert time.monotonic() - begun >= 0.3
        assert answer.body == b"*****"


@feature("server-sent-events")
async def test_server_sent_events_are_resumed(fetch: Fetch) -> None:
    answer = await fetch("GET", "/sse?count=3&duration=0.05", {"last-event-id": "4"})
    assert (answer.value("content-type") or "").startswith("text/event-stream")
    events = [event.split("\n") for event in answer.body.decode().strip().split("\n\n")]
    assert [lines[0] for lines in events] == ["id: 5", "id: 6", "id: 7"]
    assert all(lines[1] == "event: ping" and lines[2].startswith("data: {") for lines in events)
