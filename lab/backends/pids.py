"""Processes named by number, any of which may end between one look and the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import psutil

# A service has 5 s after SIGTERM; one that takes longer is killed and was wrong.
STOP_WAIT = 6


def find(pid: int) -> psutil.Process | None:
    """The process with that number, or None once it is gone; to the supervisor, 0 stands for no process."""
    try:
        return psutil.Process(pid) if pid else None
    except psutil.NoSuchProcess:
        return None


def await_end(pids: Iterable[int]) -> None:
    """Returns once all of `pids` are gone, or when even the supervisor's SIGKILL must have ended them."""
    running = [process for process in map(find, pids) if process]
    psutil.wait_procs(running, timeout=STOP_WAIT + 2)


def kill(pid: int) -> None:
    """SIGKILL, unless it is gone already."""
    if process := find(pid):
        send(process.kill)


def end(processes: Sequence[psutil.Process]) -> None:
    """SIGTERM, and SIGKILL for those that do not end."""
    for process in processes:
        send(process.terminate)
    _gone, alive = psutil.wait_procs(processes, timeout=STOP_WAIT)
    for process in alive:
        send(process.kill)
    psutil.wait_procs(alive, timeout=STOP_WAIT)


def send(signal: Callable[[], None]) -> None:
    """Sends a signal to a process that may be gone already."""
    try:
        signal()
    except psutil.NoSuchProcess:
        return


def name(pid: int) -> str:
    """What the process is called, "a process" once it is gone."""
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "a process"
