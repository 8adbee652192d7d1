"""Runs inside the supervisor: counts the restarts that nobody asked for, and answers with them over XML-RPC.

The supervisor starts a process again by itself but does not say how often it did; this plug-in listens to
its events and adds the method `wireyard.restarts`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from supervisor.events import ProcessStateExitedEvent, subscribe


class Restarts:
    """The `wireyard` namespace of the supervisor's XML-RPC interface."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        subscribe(ProcessStateExitedEvent, self._exited)

    def restarts(self) -> dict[str, int]:
        """How often each process ended by itself and was started again."""
        return dict(self._counts)

    def _exited(self, event: Any) -> None:
        self._counts[event.process.config.name] += 1


def make(_supervisor: object) -> Restarts:
    """What the supervisor's configuration names as the factory of the interface."""
    return Restarts()
