"""What the console is handed is small and current."""

from __future__ import annotations

import json
from pathlib import Path

from lab import shown
from lab.state import StateDirectory
from lab.topology import shipped


def test_who_fills_each_role_and_what_was_judged(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    state.results.mkdir()
    (state.results / "suite.json").write_text(json.dumps({"roles": {"dns": {"passed": 1}}, "tests": [1, 2]}))
    run = {"role": "dns", "implementation": "knot", "counts": {"passed": 3}, "tests": [1], "finding": ""}
    matrix = {"began": "now", "backend": "embedded", "commit": "c", "runs": [run], "features": {}}
    (state.results / "matrix.json").write_text(json.dumps(matrix))
    (state.results / "matrix.html").write_text("page")
    told = shown.files(shipped(), state, "compose")
    yard = json.loads(told["yard.json"])
    assert yard["http1"] == {"implementation": "reference", "host": "127.0.0.1:7780", "journal": True}
    assert yard["vault"]["host"] == "not published"
    assert json.loads(told["suite.json"]) == {"roles": {"dns": {"passed": 1}}}
    assert json.loads(told["matrix.json"])["runs"] == [{k: v for k, v in run.items() if k != "tests"}]
    assert told["matrix.html"] == b"page"


def test_nothing_is_said_of_what_never_ran(tmp_path: Path) -> None:
    assert list(shown.files(shipped(), StateDirectory(tmp_path), "embedded")) == ["yard.json"]
