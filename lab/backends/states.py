"""What the supervisor says of the yard's processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psutil

from lab.backends import State, Status

# To the supervisor, a process is STARTING for its first second; to us it runs.
_STATES = {
    "RUNNING": State.RUNNING,
    "STARTING": State.RUNNING,
    "STOPPING": State.DOWN,
    "STOPPED": State.DOWN,
    "EXITED": State.DOWN,
    "BACKOFF": State.FAILED,
    "FATAL": State.FAILED,
}

# A process that ends within its first second this often in a row does not start; once may be an accident.
_HOPELESS = 2


def status_of(info: Mapping[str, Any], restarts: int, failures: int) -> Status:
    """The state of one process in the lab's words; `failures` counts starts in a row that did not last."""
    state = _STATES.get(info["statename"], State.FAILED)
    if info["statename"] == "BACKOFF" and failures < _HOPELESS:
        return Status(info["name"], State.STARTING, "again", restarts)
    if state is not State.RUNNING:
        return Status(
            info["name"],
            state,
            info["spawnerr"].partition(" (")[0].lower() or info["statename"].lower(),
            restarts,
        )
    uptime = float(info["now"] - info["start"])
    return Status(info["name"], state, f"pid {info['pid']}", restarts, uptime, _memory(info["pid"]))


def _memory(pid: int) -> int | None:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return None
