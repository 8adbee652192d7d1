"""What is written is what the schema says, and the page shows it, escaped."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from bench.model import Figure, Place, Result, Round, Row, Sample
from bench.page import apart, best_peer, render
from bench.report import as_json
from bench.rows import GROWTH
from bench.yard import Fact

SCHEMA = json.loads((Path(__file__).parent.parent / "schema.json").read_text(encoding="utf-8"))


def unused(_place: Place, _seconds: float = 0) -> Sample:
    raise AssertionError


def figure(peer: str, *rates: float, errors: int = 0) -> Figure:
    return Figure(peer, "1.0 <beta>", tuple(Round(Sample(rate, errors), 10.0, 40.0) for rate in rates))


def result(name: str = "http1 todos") -> Result:
    row = Row(name, "GET /todos", "requests", "http1", unused, lambda _place: b"", (), 1.1)
    figures = (
        figure("reference", 90, 110, 100),
        figure("node", 45, 110, 25),
        figure("nginx", 400, 400, 400, errors=1),
    )
    return Result(row, figures, (("granian", "not installed"),))


def test_the_medians_and_the_spread_are_given_and_rounds_are_compared_with_their_own() -> None:
    [row] = as_json([result()], 3, 2.0)["rows"]
    ours = row["figures"][0]
    assert (ours["rate"], ours["spread"], ours["ratio_to_node"]) == (100, 0.2, 2.0)


def test_the_results_keep_to_their_schema() -> None:
    Draft202012Validator(SCHEMA).validate(as_json([result()], 3, 2.0))


def test_the_lab_is_told_beside_the_rows() -> None:
    found = as_json([], 3, 2.0, [Fact("up, cold", "embedded", 4.25, "s")])
    Draft202012Validator(SCHEMA).validate(found)
    assert found["lab"] == [{"what": "up, cold", "backend": "embedded", "value": 4.25, "unit": "s"}]
    assert "up, cold" in render(found)


def test_a_figure_with_errors_is_void_in_every_comparison() -> None:
    [row] = as_json([result()], 3, 2.0)["rows"]
    assert best_peer(row) == 2.0


def test_names_of_curves_that_end_together_stand_one_below_the_other() -> None:
    assert apart({"a": 50, "b": 10, "c": 12}, 15) == {"b": 10, "c": 25, "a": 50}


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_programs_say() -> None:
    grown = [result(f"http1 {GROWTH} 10 connections"), result(f"dns {GROWTH} 10 names")]
    page = render(as_json([result(), *grown], 3, 2.0))
    assert "Requests per second of http1 over the number of connections" in page
    assert "Memory in MiB of dns over the number of names" in page
    assert "void: 3 errors" in page
    assert "1.0 &lt;beta&gt;" in page
    assert "<script" not in page
    assert 'src="http' not in page
