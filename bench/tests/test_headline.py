"""README's figures are those of the last recorded results."""

from __future__ import annotations

import pytest

from bench.__main__ import PROJECT
from bench.headline import headline, refreshed
from bench.record import recorded
from bench.report import as_json
from bench.tests.test_report import result


def test_the_readme_shows_what_was_recorded_last() -> None:
    last = recorded(PROJECT)
    assert last is not None
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert refreshed(readme, last) == readme, "run `make bench-record`"


def test_ours_and_node_and_the_best_valid_other_are_told() -> None:
    table = headline(as_json([result()], 3, 2.0))
    assert "| HTTP/1.1, GET | 0.1 k | 0.0 k | 2.00 |  | 10.0 / 10.0 |" in table


def test_a_void_figure_is_told_as_void() -> None:
    found = as_json([result()], 3, 2.0)
    found["rows"][0]["figures"] = []
    assert "| HTTP/1.1, GET | void | void |" in headline(found)


def test_a_readme_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place"):
        refreshed("# Wireyard\n", as_json([], 3, 2.0))
