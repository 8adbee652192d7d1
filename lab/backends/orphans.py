"""Finds processes of a yard whose supervisor is gone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import psutil

from lab.backends.processes import MARK


def find(state: Path) -> list[psutil.Process]:
    """Every supervised process of the yard in `state`, this one aside."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _environment(process).get(MARK) == str(state)
    ]


def _environment(process: psutil.Process) -> Mapping[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}
