"""A short run of the fuzz; `make fuzz ROLE=udp-echo` runs it for long."""

from __future__ import annotations

import random
from contextlib import ExitStack

import pytest

from services.udp_echo.reference.tests.fuzz import Yard


@pytest.mark.parametrize("seed", range(4))
def test_each_datagram_comes_back_once_to_whom_it_came_from(seed: int) -> None:
    with ExitStack() as stack:
        yard, chance = Yard(stack), random.Random(seed)
        for _ in range(20):
            yard.burst(chance)
