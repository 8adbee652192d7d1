"""The embedded yard's certificates, made beside the start of its services by a process of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from certs.progress import SERVICES_READY
from lab.errors import LabError
from lab.topology import PROJECT


@contextmanager
def making(store: Path) -> Iterator[Callable[[], None]]:
    """Brings `store` up to date before the block ends; gives a call that returns once services may start.

    Raises LabError, from the call or at the end, with what the process said last.
    """
    command = [sys.executable, "-m", "certs", "make", "--out", str(store)]
    pipe, join = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=PROJECT, stdout=pipe, stderr=join, text=True) as process:
        lines = iter(process.stdout or ())
        said: list[str] = []

        def services_ready() -> None:
            for line in lines:
                said.append(line.strip())
                if said[-1] == SERVICES_READY:
                    return
            raise _failure(said)

        try:
            yield services_ready
        except BaseException:  # raised again: nobody is left to read what the process says
            process.terminate()
            raise
        said += [line.strip() for line in lines]
        if process.wait():
            raise _failure(said)


def _failure(said: list[str]) -> LabError:
    return LabError(f"the certificates cannot be made: {said[-1] if said else 'not a word why'}")
