"""The contract's table of cases, held against the core without a socket, whole and octet by octet."""

from __future__ import annotations

import pytest

from services.http.reference.h2 import Connection, Limits
from services.http.reference.h2.compression import encode
from services.http.reference.h2.events import DataReceived, RequestReceived, TrailersReceived
from tests.http2.cases import CASES, Case
from tests.http2.outcome import judge
from tests.http2.wire import frames, ping

_HEAD = encode(((b":status", b"200"),))


def play(case: Case, step: int | None) -> tuple[Connection, bytes]:
    """The core after `case`, fed in pieces of `step` octets, and what it sent."""
    core = Connection(Limits())
    core.open()
    sent = core.take()
    for flight in (case.beginning + case.sends, case.then + ping()):
        for start in range(0, len(flight), step or len(flight)):
            core.feed(flight[start : start + (step or len(flight))])
            _answer(core)
            sent += core.take()
    return core, sent


def _answer(core: Connection) -> None:
    """Respond to every request as soon as it is complete."""
    for event in core.take_events():
        if isinstance(event, DataReceived):
            core.consumed(event.stream_id, event.flow)
        if isinstance(event, TrailersReceived) or (
            isinstance(event, DataReceived | RequestReceived) and event.end_stream
        ):
            _respond(core, event.stream_id)


def _respond(core: Connection, stream_id: int) -> None:
    if stream_id in core.streams:
        core.respond(stream_id, _HEAD, b"[]")


@pytest.mark.parametrize("step", [None, 1], ids=["whole", "octets"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, step: int | None) -> None:
    core, sent = play(case, step)
    judge(case.expected, list(frames(sent)), closed=core.over)


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
