"""lab/matrix/report.py: one matrix, in four formats."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from jsonschema import Draft202012Validator

from lab.contract import Feature, Tier
from lab.matrix import report
from lab.matrix.model import Matrix, Outcome, Run, Test, worst

ID = "tests/tcp_echo/test_echo.py::"


def a_test(name: str, outcome: Outcome, **more: Any) -> Test:
    return Test(f"{ID}{name}", ("echo",), ("862 1",), outcome, 0.25, **more)


OURS = Run(
    "tcp-echo", "reference", {"wireyard": "1a2b3c"}, "", {}, log="a.log", tests=(a_test("a", Outcome.PASSED),)
)
THEIRS = replace(
    OURS,
    implementation="other",
    declines={"journal": "none"},
    tests=(
        a_test("a", Outcome.PASSED, client="nc"),
        a_test("</script>", Outcome.FAILED, detail="\x00 \ud7ff </script>", known="a bug", sometimes=True),
        a_test("c", Outcome.DECLINED, reason="none"),
    ),
)
ECHO = Feature("echo", ("tcp-echo",), "RFC 862", Tier.PROTOCOL, "Everything comes back.")
MATRIX = Matrix("2026-11-20T12:00:00+00:00", 1.5, "embedded", "1a2b3c", {"tcp-echo": (ECHO,)}, (OURS, THEIRS))


def test_the_json_is_as_the_schema_says_and_reads_back_the_same(tmp_path: Path) -> None:
    told = json.loads(json.dumps(report.as_json(MATRIX)))
    schema = json.loads(report.SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(told)
    report.write(MATRIX, tmp_path)
    assert report.read(tmp_path / report.JSON) == MATRIX


def test_each_test_keeps_its_identity_in_junit(tmp_path: Path) -> None:
    report.write(MATRIX, tmp_path)
    suites = ET.parse(tmp_path / "matrix.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["tcp-echo=reference", "tcp-echo=other"]
    assert [suite.get("failures") for suite in suites] == ["0", "1"]
    assert suites[1][1].get("name") == f"{ID}</script>"
    assert suites[1][1][0].get("message") == "known, now and then: a bug"
    assert suites[1][2][0].get("message") == "declined: none"


def test_markdown_shows_the_worst_of_a_cell_and_how_many(tmp_path: Path) -> None:
    report.write(MATRIX, tmp_path)
    assert "| `echo` | RFC 862 | protocol | ✓ | ✗ 1/3 (known) |" in (tmp_path / "matrix.md").read_text()


def test_the_page_holds_its_data_whatever_a_server_said(tmp_path: Path) -> None:
    report.write(MATRIX, tmp_path)
    page = (tmp_path / "matrix.html").read_text()
    data = page.partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(data)["runs"][1]["tests"][1]["detail"].endswith("</script>")
    assert "http://" not in page


def test_a_new_run_stands_in_the_place_of_the_old(tmp_path: Path) -> None:
    report.write(MATRIX, tmp_path)
    again = replace(MATRIX, runs=(replace(OURS, seconds=9.0),))
    assert [run.seconds for run in report.beside_older(again, tmp_path).runs] == [9.0, 0.0]
    elsewhere = replace(again, backend="compose")
    assert report.beside_older(elsewhere, tmp_path) == elsewhere


def test_a_cell_shows_its_worst_and_a_failure_that_passes_again_is_flaky() -> None:
    assert worst(THEIRS.tests) is Outcome.FAILED
    assert worst(()) is None
    assert THEIRS.unexplained == ()
    fresh = replace(THEIRS, tests=tuple(replace(test, known="") for test in THEIRS.tests))
    again = fresh.with_rerun([a_test("</script>", Outcome.PASSED)])
    assert [test.outcome for test in again.tests][1] is Outcome.FLAKY
