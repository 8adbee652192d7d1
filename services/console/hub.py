"""From many journals to many browsers: what is fresh is gathered and handed on in batches.

A browser that reads too slowly, or a service that says too much, costs a bounded number of events: the
newest are kept and the others counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

HELD = 150
"""Events of one batch; with PACE, a browser is sent up to 3,000 a second."""
PACE = 0.05
IDLE = 15.0

Event = Mapping[str, object]


@dataclass(slots=True, eq=False)
class _Reader:
    held: deque[Event] = field(default_factory=lambda: deque(maxlen=HELD))
    missed: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    fresh: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Takes events and the state of services; gives each reader all of it, in batches."""

    def __init__(self) -> None:
        self._readers: set[_Reader] = set()
        self.states: dict[str, dict[str, object]] = {}
        self.closing = asyncio.Event()
        self.wanted = asyncio.Event()
        """Set while anybody reads: nobody else need be asked for events."""

    def close(self) -> None:
        """Ends every reader's batches."""
        self.closing.set()
        self.wanted.set()
        for reader in self._readers:
            reader.fresh.set()

    def event(self, event: Event, missed: int = 0) -> None:
        """One event of a journal, and how many before it were left out."""
        for reader in self._readers:
            reader.seen[str(event.get("role"))] += 1 + missed
            reader.missed += missed + (len(reader.held) == HELD)
            reader.held.append(event)
            reader.fresh.set()

    def state(self, role: str, **facts: object) -> None:
        """What is now known of a service; readers are told when it changed."""
        known = self.states.setdefault(role, {"role": role})
        if any(known.get(name) != value for name, value in facts.items()):
            known.update(facts)
            for reader in self._readers:
                reader.fresh.set()

    async def breathe(self, seconds: float) -> None:
        """A pause, which closing ends."""
        await _within(self.closing, seconds)

    async def batches(self) -> AsyncGenerator[dict[str, Any], None]:
        """`{"events": […], "seen": {role: n}, "missed": n, "states": […]}`, every PACE at most, until closed.

        `events` are the newest HELD; `seen` counts all there were, so that a busy role hides no other.
        """
        reader = _Reader()
        self._readers.add(reader)
        self.wanted.set()
        try:
            yield self._batch(reader)
            while not self.closing.is_set():
                await _within(self.closing, PACE)
                await _within(reader.fresh, IDLE)
                yield self._batch(reader)
        finally:
            self._readers.discard(reader)
            if not self._readers and not self.closing.is_set():
                self.wanted.clear()

    def _batch(self, reader: _Reader) -> dict[str, object]:
        batch: dict[str, object] = {
            "events": list(reader.held),
            "seen": dict(reader.seen),
            "missed": reader.missed,
            "states": list(self.states.values()),
        }
        reader.held.clear()
        reader.seen.clear()
        reader.missed = 0
        reader.fresh.clear()
        return batch


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether `event` was set within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
