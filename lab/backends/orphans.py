"""Finds and ends processes of a yard whose supervisor is gone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from lab.backends.processes import MARK
from lab.backends.supervisor import STOP_WAIT


def find(state: Path) -> list[psutil.Process]:
    """Every supervised process of the yard in `state`, this one aside."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _environment(process).get(MARK) == str(state)
    ]


def end(orphans: Sequence[psutil.Process]) -> None:
    """SIGTERM, and SIGKILL for those that do not end."""
    for process in orphans:
        send(process.terminate)
    _gone, alive = psutil.wait_procs(orphans, timeout=STOP_WAIT)
    for process in alive:
        send(process.kill)
    psutil.wait_procs(alive, timeout=STOP_WAIT)


def send(signal: Callable[[], None]) -> None:
    """Sends a signal to a process that may be gone already."""
    try:
        signal()
    except psutil.NoSuchProcess:
        return


def _environment(process: psutil.Process) -> Mapping[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}
