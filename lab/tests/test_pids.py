"""Processes that end while they are looked at."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from lab.backends import pids


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended and was waited for."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_process_that_ended_after_it_was_named_is_waited_for_no_more(
    gone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when somebody looked, and is not when its times are read."""
    monkeypatch.setattr(psutil, "pid_exists", lambda _pid: True)
    pids.await_end([0, gone])


def test_a_process_that_ended_is_killed_without_a_word(gone: int) -> None:
    pids.kill(gone)


def test_a_process_that_ended_has_no_name_left(gone: int) -> None:
    assert pids.name(gone) == "a process"


def test_the_wait_lasts_until_the_process_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        pids.end([psutil.Process(running.pid)])
        assert running.poll() is not None
