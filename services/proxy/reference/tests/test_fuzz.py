"""A short run of the fuzz; `make fuzz ROLE=proxy` runs it for long."""

from __future__ import annotations

import random

import pytest

from services.proxy.reference.tests.fuzz import check


@pytest.mark.parametrize("seed", range(8))
def test_one_reading_one_answer_and_no_way_around_the_policy(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(250):
        check(chance)
