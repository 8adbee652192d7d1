"""RFC 9110 14: range requests."""

from __future__ import annotations

import pytest

from services.http.app.ranges import Span, parse
from services.http.app.tests.memory import ask

SIZE = 100

IGNORED = [
    b"bytes",
    b"bytes=",
    b"bytes=-",
    b"bytes=a-b",
    b"bytes=5-4",
    b"bytes=1-2,x",
    b"bytes 1-2",
    b"lines=1-2",
    b"bytes=" + b",".join([b"1-2"] * 17),
    b"bytes=0-99,0-99,0-99",
]
UNSATISFIABLE = [b"bytes=100-", b"bytes=100-200", b"bytes=-0", b"bytes=200-,-0"]
SPANS = [
    (b"bytes=0-0", [Span(0, 0)]),
    (b"bytes=0-", [Span(0, 99)]),
    (b"bytes=90-1000", [Span(90, 99)]),
    (b"bytes=90-" + b"9" * 40, [Span(90, 99)]),
    (b"bytes=-" + b"9" * 40, [Span(0, 99)]),
    (b"bytes=-1", [Span(99, 99)]),
    (b"bytes=-1000", [Span(0, 99)]),
    (b"Bytes=1-2", [Span(1, 2)]),
    (b"bytes= 1-2 , , 5-6", [Span(1, 2), Span(5, 6)]),
    (b"bytes=5-6,1-2", [Span(5, 6), Span(1, 2)]),
    (b"bytes=1-2,100-", [Span(1, 2)]),
]


@pytest.mark.parametrize("value", IGNORED)
def test_a_range_that_makes_no_sense_is_ignored(value: bytes) -> None:
    """14.2. A server MAY ignore the Range header field; an invalid one it MUST."""
    assert parse(value, SIZE) is None


@pytest.mark.parametrize("value", UNSATISFIABLE)
def test_ranges_outside_the_content_leave_nothing(value: bytes) -> None:
    """14.1.2. Satisfiable if at least one range overlaps the content."""
    assert parse(value, SIZE) == []


@pytest.mark.parametrize(("value", "spans"), SPANS)
def test_ranges_are_cut_to_the_content(value: bytes, spans: list[Span]) -> None:
    """14.1.2. A last position past the end means the end."""
    assert parse(value, SIZE) == spans


async def test_one_range_is_answered_as_it_is() -> None:
    """15.3.7.1. A single part carries Content-Range."""
    answer = await ask("GET", "/range/100", {"range": "bytes=26-28"})
    assert (answer.status, answer.body) == (206, b"abc")
    assert answer.value("content-range") == "bytes 26-28/100"
    assert answer.value("content-length") == "3"


async def test_several_ranges_are_answered_as_parts_of_the_length_that_was_said() -> None:
    """15.3.7.2. multipart/byteranges; no Content-Range of its own."""
    answer = await ask("GET", "/range/100", {"range": "bytes=0-1,50-51"})
    assert answer.status == 206
    assert answer.value("content-range") is None
    assert answer.value("content-length") == str(len(answer.body))
    assert b"content-range: bytes 0-1/100\r\n\r\nab\r\n" in answer.body
    assert answer.body.endswith(b"--\r\n")


async def test_an_unsatisfiable_range_names_the_length() -> None:
    """15.5.17. 416 SHOULD carry Content-Range with the current length."""
    answer = await ask("GET", "/range/100", {"range": "bytes=100-"})
    assert (answer.status, answer.value("content-range")) == (416, "bytes */100")


async def test_head_ignores_ranges() -> None:
    """14.2. Range is defined for GET alone."""
    answer = await ask("HEAD", "/range/100", {"range": "bytes=1-2"})
    assert (answer.status, answer.value("content-length"), answer.body) == (200, "100", b"")


@pytest.mark.parametrize(
    ("condition", "status"), [('"range100"', 206), ('"other"', 200), ('W/"range100"', 200)]
)
async def test_if_range_guards_the_range(condition: str, status: int) -> None:
    """13.1.5. Strong comparison; on a mismatch Range is ignored."""
    answer = await ask("GET", "/range/100", {"range": "bytes=1-2", "if-range": condition})
    assert answer.status == status


async def test_if_range_with_the_date_of_the_representation() -> None:
    """13.1.5. A date must match exactly."""
    modified = (await ask("GET", "/range/100")).value("last-modified") or ""
    answer = await ask("GET", "/range/100", {"range": "bytes=1-2", "if-range": modified})
    assert answer.status == 206
    other = {"range": "bytes=1-2", "if-range": "Thu, 01 Jan 2037 00:00:00 GMT"}
    assert (await ask("GET", "/range/100", other)).status == 200
