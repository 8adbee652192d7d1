"""RFC 9110 13: conditional requests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.http.app.preconditions import Validators, http_date, judge, parse_date
from services.http.app.tests.memory import ask, request

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
EARLIER, THEN, LATER = (
    "Thu, 19 Nov 2026 11:00:00 GMT",
    "Fri, 20 Nov 2026 11:00:00 GMT",
    "Sat, 21 Nov 2026 11:00:00 GMT",
)
CURRENT = Validators(b"a", NOW)
WEAK = Validators(b"a", NOW, weak=True)

# method, fields, validators, verdict: RFC 9110 13.2.2, step by step.
CASES: list[tuple[str, dict[str, str], Validators, int | None]] = [
    ("PUT", {"if-match": '"a"'}, CURRENT, None),
    ("PUT", {"if-match": '"b"'}, CURRENT, 412),
    ("PUT", {"if-match": '"b", "a"'}, CURRENT, None),
    ("PUT", {"if-match": 'W/"a"'}, CURRENT, 412),
    ("PUT", {"if-match": '"a"'}, WEAK, 412),
    ("PUT", {"if-match": "*"}, CURRENT, None),
    ("PUT", {"if-match": "a"}, CURRENT, 412),
    ("GET", {"if-match": '"b"'}, CURRENT, 412),
    ("PUT", {"if-unmodified-since": THEN}, CURRENT, None),
    ("PUT", {"if-unmodified-since": EARLIER}, CURRENT, 412),
    ("PUT", {"if-match": '"a"', "if-unmodified-since": EARLIER}, CURRENT, None),
    ("PUT", {"if-unmodified-since": "yesterday"}, CURRENT, None),
    ("GET", {"if-none-match": '"a"'}, CURRENT, 304),
    ("GET", {"if-none-match": 'W/"a"'}, CURRENT, 304),
    ("GET", {"if-none-match": '"a"'}, WEAK, 304),
    ("HEAD", {"if-none-match": "*"}, CURRENT, 304),
    ("PUT", {"if-none-match": "*"}, CURRENT, 412),
    ("GET", {"if-none-match": '"b"'}, CURRENT, None),
    ("GET", {"if-none-match": '"b"', "if-modified-since": LATER}, CURRENT, None),
    ("GET", {"if-modified-since": THEN}, CURRENT, 304),
    ("GET", {"if-modified-since": LATER}, CURRENT, 304),
    ("GET", {"if-modified-since": EARLIER}, CURRENT, None),
    ("GET", {"if-modified-since": "soon"}, CURRENT, None),
    ("PUT", {"if-modified-since": THEN}, CURRENT, None),
    ("GET", {"if-modified-since": THEN}, Validators(b"a"), None),
    ("GET", {}, CURRENT, None),
]


@pytest.mark.parametrize(("method", "fields", "current", "verdict"), CASES)
def test_conditions_in_their_order(
    method: str, fields: dict[str, str], current: Validators, verdict: int | None
) -> None:
    assert judge(request(method, "/", fields), current) == verdict


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_each_form_of_a_date_is_read(text: str) -> None:
    """5.6.7. A recipient MUST accept all three."""
    assert parse_date(text.encode()) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [b"", b"now", b"Sun, 06 Nov 1994", b"\xff", b"Sun, 99 Nov 1994 08:49:37 GMT"]
)
def test_what_is_no_date_is_none(text: bytes) -> None:
    assert parse_date(text) is None


def test_dates_are_written_as_imf_fixdate() -> None:
    """5.6.7. A sender MUST generate IMF-fixdate."""
    assert http_date(NOW) == THEN.encode()


async def test_not_modified_has_the_validators_and_no_content() -> None:
    """15.4.5."""
    answer = await ask("GET", "/etag/abc", {"if-none-match": '"abc"'})
    assert (answer.status, answer.value("etag"), answer.body) == (304, '"abc"', b"")


async def test_a_change_under_a_failed_condition_is_refused() -> None:
    """13.1.1. The lost update problem."""
    assert (await ask("PUT", "/etag/abc", {"if-match": '"old"'}, b"new")).status == 412
    assert (await ask("PUT", "/etag/abc", {"if-match": '"abc"'}, b"new")).status == 200


async def test_cache_answers_304_to_any_condition() -> None:
    assert (await ask("GET", "/cache", {"if-none-match": '"anything"'})).status == 304
    assert (await ask("GET", "/cache")).status == 200
    assert (await ask("GET", "/cache/60")).value("cache-control") == "public, max-age=60"
