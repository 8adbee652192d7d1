"""The runner of every fuzz."""

from __future__ import annotations

import random

import pytest

from services.kit.tests.fuzz import main, run


def test_every_round_has_a_seed_of_its_own_and_rounds_are_counted() -> None:
    seen: list[float] = []
    rounds = run(lambda chance: seen.append(chance.random()), 0.01, 7)
    assert rounds == len(seen) > 2
    assert seen[:3] == [random.Random(seed).random() for seed in (7, 8, 9)]


def test_a_round_that_fails_is_named_by_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = random.Random(5).random()

    def check(chance: random.Random) -> None:
        assert chance.random() != wanted

    with pytest.raises(AssertionError):
        main(check, ["--seed", "3", "--seconds", "9"])
    assert capsys.readouterr() == ("seed 3\n", "seed 5\n")
    assert main(check, ["--seed", "6", "--seconds", "0"]) == 0
