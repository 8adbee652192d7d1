"""Some rounds of the fuzzer, the same ones each time; `fuzz` itself plays as many as wanted."""

from __future__ import annotations

import random

import pytest

from services.http.reference.h2 import Connection, Limits
from services.http.reference.h2.tests.fuzz import octets, play


@pytest.mark.parametrize("seed", range(20))
def test_rounds(seed: int) -> None:
    for step in range(100):
        play(random.Random(1_000 * seed + step))


@pytest.mark.parametrize("seed", range(100))
def test_where_octets_are_cut_makes_no_difference(seed: int) -> None:
    data = octets(random.Random(seed))
    whole, cut = Connection(Limits()), Connection(Limits())
    whole.feed(data)
    for octet in data:
        cut.feed(bytes([octet]))
    assert [type(event) for event in cut.take_events()] == [type(event) for event in whole.take_events()]
    assert cut.take() == whole.take()
