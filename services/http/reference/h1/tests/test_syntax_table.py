"""The contract's table of syntax against the core itself: whole, cut in two at every byte, byte by byte."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.head import read_head
from services.http.reference.h1.limits import Limits
from services.http.reference.h1.reader import Reader
from tests.http1.syntax import NEXT, Case, cases

LIMITS = Limits()
CASES = [pytest.param(case, id=f"{topic.title}: {case.name}") for topic, case in cases()]
_DENSE = 400
"""Cases up to this many octets are cut at every one of them; longer ones at every 997th."""


def read(segments: Iterable[bytes]) -> list[str]:
    """What the core makes of `segments`: the requests with their content, and the refusal that ends them."""
    reader, seen, content = Reader(LIMITS), list[str](), b""
    busy = False
    try:
        for segment in segments:
            reader.feed(segment)
            while True:
                if busy:
                    while piece := reader.piece():
                        content += piece
                    if not reader.done:
                        break
                    seen.append(f"content {content!r} {reader.trailers}")
                    busy, content = False, b""
                raw = reader.head()
                if raw is None:
                    break
                head = read_head(raw, "http", LIMITS)
                seen.append(f"{head.request.method} {head.request.target!r}")
                reader.expect(head.content)
                busy = True
    except BadMessage as bad:
        seen.append(f"{bad.status} {bad.words} {bad.clause}")
    return seen


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_read_as_the_table_says(case: Case) -> None:
    seen = read([case.sent + NEXT])
    if case.accepted:
        assert seen[2:] == ["GET b'/todos'", "content b'' ()"]
    else:
        assert case.fits(int(seen[-1].split()[0]))
        assert "GET b'/todos'" not in seen


@pytest.mark.parametrize("case", CASES)
def test_cuts_change_nothing(case: Case) -> None:
    data = case.sent + NEXT
    whole = read([data])
    step = 1 if len(data) <= _DENSE else 997
    for cut in range(1, len(data), step):
        assert read([data[:cut], data[cut:]]) == whole, cut
    assert read(data[i : i + 1] for i in range(len(data))) == whole
