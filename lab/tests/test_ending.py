"""lab/ending.py: what a run that is told to end does first."""

from __future__ import annotations

import os
import signal

import pytest

from lab.ending import ending_in_order


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
