"""lab/matrix/cli.py: what becomes of the yard when a run is ended."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab.errors import NotReadyError
from lab.matrix import cli
from lab.matrix.cli import ending_in_order
from lab.matrix.model import Matrix
from lab.matrix.stage import Stage
from lab.runner import Runner


def interrupted(put_back: list[str]) -> None:
    """A run that SIGTERM ends, with something to put back."""
    with ending_in_order():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            put_back.append("proxy")


def test_sigterm_unwinds_like_ctrl_c() -> None:
    put_back: list[str] = []
    with pytest.raises(SystemExit) as ended:
        interrupted(put_back)
    assert ended.value.code == 143
    assert put_back == ["proxy"]


def test_afterwards_sigterm_is_as_it_was() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ending_in_order():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


class Stuck:
    """A stage on which what was there before does not come back."""

    def put_back(self) -> None:
        raise NotReadyError("udp-echo is not ready")


def test_what_was_found_is_written_even_where_the_yard_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = SimpleNamespace(require_up=lambda: None, state=SimpleNamespace(results=tmp_path))
    found = Matrix("2026-11-29T12:00:00+00:00", 1.0, "compose", "c0ffee", 1, {}, ())
    monkeypatch.setattr(Runner, "open", lambda *_words: runner)
    monkeypatch.setattr(Stage, "of", lambda *_words: Stuck())
    monkeypatch.setattr(cli, "_judged", lambda *_words: found)
    with pytest.raises(NotReadyError):
        cli.matrix(only="", again=False, backend="compose")
    assert (tmp_path / "matrix.json").is_file()
