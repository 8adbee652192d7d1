"""Runs inside the supervisor: counts the restarts that nobody asked for, and wakes it when a process ends.

The supervisor starts a process again by itself but does not say how often it did; the method
`wireyard.restarts` of its XML-RPC interface does. It also looks at its processes once a second only; woken by
the signal that tells of an end, it starts the next one within milliseconds.
"""

from __future__ import annotations

import signal
import socket
from collections import Counter
from typing import Any

from supervisor.events import ProcessStateBackoffEvent, ProcessStateExitedEvent, subscribe


class Restarts:
    """The `wireyard` namespace of the supervisor's XML-RPC interface."""

    def __init__(self, supervisor: Any) -> None:
        self._supervisor = supervisor
        self._counts: Counter[str] = Counter()
        subscribe(ProcessStateExitedEvent, self._exited)
        subscribe(ProcessStateBackoffEvent, self._exited)

    def restarts(self) -> dict[str, int]:
        """How often each process ended by itself and was started again."""
        return dict(self._counts)

    def failures(self) -> dict[str, int]:
        """How often in a row each process ended within its first second."""
        groups = self._supervisor.process_groups.values()
        return {name: process.backoff for group in groups for name, process in group.processes.items()}

    def _exited(self, event: Any) -> None:
        self._counts[event.process.config.name] += 1


class Alarm:
    """An entry of the supervisor's poll map that becomes readable whenever a signal arrives."""

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._again = False
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)

    def fileno(self) -> int:
        """What the supervisor polls."""
        return self._read.fileno()

    def readable(self) -> bool:
        """Always polled for reading."""
        return True

    def writable(self) -> bool:
        """Never for writing."""
        return False

    def handle_read_event(self) -> None:
        """Rings twice: a round of the supervisor's loop starts processes first, and learns of ends last."""
        self._read.recv(4096)
        self._again = not self._again
        if self._again:
            self._write.send(b"\0")

    def handle_error(self) -> None:
        """Nothing can fail that the next signal would not put right."""


def make(supervisor: Any) -> Restarts:
    """What the supervisor's configuration names as the factory of the interface."""
    alarm = Alarm()
    supervisor.options.get_socket_map()[alarm.fileno()] = alarm
    return Restarts(supervisor)
