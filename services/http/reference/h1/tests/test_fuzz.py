"""A short run of the fuzz; `make fuzz` runs it for long."""

from __future__ import annotations

import random

import pytest

from services.http.reference.h1.tests.fuzz import check


@pytest.mark.parametrize("seed", range(8))
def test_no_crash_no_second_reading_no_second_request(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(250):
        check(chance)
