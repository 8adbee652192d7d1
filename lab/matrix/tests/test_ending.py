"""lab/matrix/cli.py: what becomes of the yard when a run is ended."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from lab.errors import NotReadyError
from lab.matrix import cli
from lab.matrix.model import Matrix
from lab.matrix.stage import Stage
from lab.runner import Runner


class Stuck:
    """A stage on which what was there before does not come back."""

    def put_back(self) -> None:
        raise NotReadyError("udp-echo is not ready")


def test_what_was_found_is_written_even_where_the_yard_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = SimpleNamespace(require_up=lambda: None, state=SimpleNamespace(results=tmp_path))
    found = Matrix("2026-11-29T12:00:00+00:00", 1.0, "compose", "c0ffee", {}, ())
    monkeypatch.setattr(Runner, "open", lambda *_words: runner)
    monkeypatch.setattr(Stage, "of", lambda *_words: Stuck())
    monkeypatch.setattr(cli, "_judged", lambda *_words: found)
    with pytest.raises(NotReadyError):
        cli.matrix(only="", again=False, backend="compose")
    assert (tmp_path / "matrix.json").is_file()
