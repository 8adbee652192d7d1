"""The table of cases, over the wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.http2.cases import TOPICS, Case
from tests.http2.outcome import Answered, judge
from tests.http2.raw import Raw
from tests.http2.wire import DATA, END_STREAM, HEADERS


def _params() -> list[object]:
    return [
        pytest.param(
            case, marks=[pytest.mark.rfc(*case.rfc), pytest.mark.feature(topic.feature)], id=case.name
        )
        for topic in TOPICS
        for case in topic.cases
    ]


@pytest.mark.role("h2c", "h2")
@pytest.mark.parametrize("case", _params())
async def test_case(case: Case, connect: Callable[[], Raw]) -> None:
    async with connect() as raw:
        await raw.send(case.beginning + case.sends)
        if await raw.settle(b"midpoint"):
            if case.then and isinstance(case.expected, Answered):
                await raw.until(lambda: raw.has(HEADERS, min(case.answered)))
            elif case.then:
                await raw.until(lambda: raw.has(DATA, 1, END_STREAM))
            await raw.send(case.then)
            if await raw.settle(b"conclude"):
                await raw.until(lambda: all(raw.has(HEADERS, stream) for stream in case.answered))
        judge(case.expected, raw.seen, closed=raw.closed)
