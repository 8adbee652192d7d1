"""The command: what it measures, and what it keeps when it is interrupted."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import typer

from bench import __main__ as program
from bench.model import Result, Row
from bench.tests.test_report import result


@pytest.fixture
def two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows, of which the second is interrupted."""
    first, second = result("http1 todos"), result("udp-echo")

    def take(row: Row, *_: object, **__: object) -> Result:
        if row is second.row:
            raise KeyboardInterrupt
        return first

    monkeypatch.setattr(program, "all_rows", lambda _certs: (first.row, second.row))
    monkeypatch.setattr(program, "_certificates", lambda directory: directory)
    monkeypatch.setattr(program, "take", take)


@pytest.mark.usefixtures("two_rows")
def test_what_is_known_when_it_is_interrupted_is_written(tmp_path: Path) -> None:
    program.bench(rounds=1, seconds=1, out=tmp_path / "found")
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in found["rows"]] == ["http1 todos"]
    assert "http1 todos" in (tmp_path / "found.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("two_rows")
def test_sigterm_ends_what_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    def take(row: Row, *_: object, **__: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            ended.append(row.name)

    monkeypatch.setattr(program, "take", take)
    with pytest.raises(SystemExit):
        program.bench(rounds=1, seconds=1)
    assert ended == ["http1 todos"]


def test_peers_of_any_user_id_can_read_the_certificates(tmp_path: Path) -> None:
    keys = list(program._certificates(tmp_path).glob("*/key.pem"))
    assert keys
    assert all(key.stat().st_mode & 0o004 for key in keys)


def test_rows_are_chosen_by_the_start_of_their_name_and_the_lab_is_none_of_them() -> None:
    table = (result("http1 todos").row, result("udp-echo").row)
    assert program._chosen(table, ["udp", "lab"]) == [table[1]]
    assert program._chosen(table, ["lab"]) == []
    assert program._chosen(table, []) == list(table)
    with pytest.raises(typer.BadParameter, match="no row starts with"):
        program._chosen(table, ["gopher"])
