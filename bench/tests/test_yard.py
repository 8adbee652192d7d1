"""What the lab's own commands wrote is read for what it says."""

from __future__ import annotations

import json
from pathlib import Path

from bench import yard


def test_memory_is_of_the_services_that_tell_it() -> None:
    told = {"services": {"http1": {"memory": 2**20}, "h2": {"memory": None}, "dns": {}}}
    assert yard._memory(json.dumps(told)) == {"http1": 2**20}


def test_a_suite_is_all_its_tests(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text('<testsuites><testsuite tests="3"/><testsuite tests="1"/></testsuites>')
    assert yard._tests(report) == 4


def test_a_matrix_that_was_made_is_told_and_none_is_none(tmp_path: Path) -> None:
    assert yard._matrix(tmp_path) == []
    results = tmp_path / ".wireyard" / "results"
    results.mkdir(parents=True)
    matrix = {"runs": [1, 2], "backend": "embedded", "seconds": 90.5}
    (results / "matrix.json").write_text(json.dumps(matrix))
    assert yard._matrix(tmp_path) == [yard.Fact("matrix of 2 implementations", "embedded", 90.5, "s")]
