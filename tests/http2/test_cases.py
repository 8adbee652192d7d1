"""The table of cases, over the wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.http2.cases import TOPICS, Case
from tests.http2.outcome import Answered, StreamEnds, judge
from tests.http2.raw import Raw
from tests.http2.wire import DATA, END_STREAM, HEADERS


def _params(*, levels: bool) -> list[object]:
    """Every case under its topic's feature; or those that cost a stream, for the level of the error."""
    return [
        pytest.param(
            case,
            marks=[
                pytest.mark.rfc(*(("9113", "5.4.2") if levels else case.rfc)),
                pytest.mark.feature("h2-error-level" if levels else topic.feature),
            ],
            id=case.name,
        )
        for topic in TOPICS
        for case in topic.cases
        if not levels or isinstance(case.expected, StreamEnds)
    ]


@pytest.mark.role("h2c", "h2")
@pytest.mark.parametrize("case", _params(levels=False))
async def test_case(case: Case, connect: Callable[[], Raw]) -> None:
    raw = await play(case, connect)
    judge(case.expected, raw.seen, closed=raw.closed, to_the_level=False)


@pytest.mark.role("h2c", "h2")
@pytest.mark.parametrize("case", _params(levels=True))
async def test_a_stream_error_costs_the_stream_alone(case: Case, connect: Callable[[], Raw]) -> None:
    raw = await play(case, connect)
    judge(case.expected, raw.seen, closed=raw.closed)


async def play(case: Case, connect: Callable[[], Raw]) -> Raw:
    """The connection after `case`."""
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
        return raw
