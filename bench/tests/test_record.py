"""What is kept of a run: its kind's files, pages that lead to one another, README's figures of processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bench.__main__ import PROJECT
from bench.record import RECORDS, keep, recorded
from bench.report import as_json
from bench.tests.test_report import SCHEMA, result

PLACE = "<!-- speed -->\n<!-- /speed -->\n"
LINK = 'href="%s.html"'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty docs/, and a README with a place for the figures."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(PLACE, encoding="utf-8")
    return tmp_path


def found(servers: str) -> Mapping[str, Any]:
    return as_json([result()], 3, 2.0) | {"servers": servers, "taken": "2026-11-29T19:10:00+00:00"}


def page(project: Path, servers: str) -> str:
    return (project / "docs" / f"{RECORDS[servers]}.html").read_text(encoding="utf-8")


def test_processes_and_containers_are_kept_apart_and_lead_to_one_another(project: Path) -> None:
    keep(found("processes"), project)
    assert "href" not in page(project, "processes")
    keep(found("containers"), project)
    assert LINK % "bench-containers" in page(project, "processes")
    assert LINK % "bench" in page(project, "containers")
    assert {servers: recorded(project, servers) for servers in RECORDS} == {s: found(s) for s in RECORDS}


def test_the_readme_shows_processes_whatever_was_kept_last(project: Path) -> None:
    readme = project / "README.md"
    keep(found("containers"), project)
    assert readme.read_text(encoding="utf-8") == PLACE
    keep(found("processes"), project)
    assert "| HTTP/1.1, GET | 0.1 k |" in (shown := readme.read_text(encoding="utf-8"))
    keep({**found("containers"), "rows": []}, project)
    assert readme.read_text(encoding="utf-8") == shown


@pytest.mark.parametrize("servers", RECORDS)
def test_what_was_recorded_keeps_to_its_schema(servers: str) -> None:
    if last := recorded(PROJECT, servers):
        Draft202012Validator(SCHEMA).validate(last)
        assert last["servers"] == servers
