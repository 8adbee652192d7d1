"""What the live page costs is judged in pairs, and only where nothing failed and the page ran."""

from __future__ import annotations

import pytest

from bench import watched, yard
from bench.errors import UnfairRow
from bench.model import Round, Sample
from bench.watched import Watched


def rounds(*taken: tuple[float, float], errors: int = 0) -> tuple[Round, ...]:
    return tuple(Round(Sample(rate, errors), cpu, 50.0) for rate, cpu in taken)


ALONE = rounds((100_000, 8.0), (80_000, 10.0), (90_000, 9.0))
WITH_PAGE = rounds((98_000, 8.0), (80_000, 10.5), (45_000, 9.9))


def test_each_round_is_held_against_its_own_pair() -> None:
    found = Watched(ALONE, WITH_PAGE)
    assert found.rate_kept == pytest.approx(0.98)
    assert found.cpu == pytest.approx(1.05)
    assert watched.in_words(found).splitlines()[-1] == "of the rate kept 98.0%; CPU of a request 105.0%"


def test_a_round_with_errors_is_no_figure() -> None:
    with pytest.raises(UnfairRow, match="3 requests failed"):
        _ = Watched(ALONE, rounds((1, 1), (1, 1), (1, 1), errors=1)).rate_kept


def test_a_round_that_did_nothing_is_no_figure() -> None:
    with pytest.raises(UnfairRow, match="a round without rate"):
        _ = Watched(rounds((0, 0)), rounds((1, 1))).rate_kept


def test_it_is_told_among_the_facts_of_the_lab() -> None:
    assert [(fact.value, fact.unit) for fact in yard.page_facts(Watched(ALONE, WITH_PAGE))] == [
        (98.0, "%"),
        (105.0, "%"),
    ]


def test_containers_are_not_measured_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND", "compose")
    with pytest.raises(UnfairRow, match="plain processes only"):
        watched.measure()
