"""The table of syntax.py, case by case, however the bytes are cut."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from clients.http1 import Client
from tests.http1.syntax import NEXT, Case, Topic, cases

_SHORT = 1000
"""Requests up to this many octets are also sent byte by byte."""


def _params() -> list[object]:
    return [
        pytest.param(
            case,
            marks=[pytest.mark.rfc(*case.rfc), pytest.mark.feature(topic.feature)],
            id=_name(topic, case),
        )
        for topic, case in cases()
    ]


def _name(topic: Topic, case: Case) -> str:
    return f"{topic.title}: {case.name}"


def _cuts(data: bytes) -> list[Sequence[bytes]]:
    """The ways in which `data` is sent: whole, in three pieces, and byte by byte when it is short."""
    third = len(data) // 3
    ways: list[Sequence[bytes]] = [[data], [data[:third], data[third : 2 * third], data[2 * third :]]]
    if len(data) <= _SHORT:
        ways.append([data[i : i + 1] for i in range(len(data))])
    return ways


@pytest.mark.parametrize("case", _params())
async def test_syntax(client: Client, case: Case) -> None:
    sent = case.sent.replace(b"http://", f"{client.origin.scheme}://".encode())
    for segments in _cuts(sent + NEXT):
        seen = await client.send_raw(segments, methods=["GET", "GET"] if case.accepted else ["GET"])
        assert case.fits(seen.status), (len(segments), seen.data)
        assert len(seen.statuses) == (2 if case.accepted else 1), (len(segments), seen.data)
        assert seen.connection_closed


@pytest.mark.feature("lingering-close")
@pytest.mark.rfc("9112", "9.6")
async def test_no_refusal_is_overtaken_by_a_reset(client: Client) -> None:
    """Whatever is refused, and with however much of it still on its way."""
    for _, case in cases():
        if not case.accepted:
            sent = case.sent.replace(b"http://", f"{client.origin.scheme}://".encode())
            seen = await client.send_raw(_cuts(sent + NEXT)[1], methods=["GET"])
            assert not seen.reset, case.name
