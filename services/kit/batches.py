"""Events that were noted together, kept as what they are made of and told one by one when somebody reads.

An event kept as a tuple of its own costs a service twice: when it is written, and 65,536 events later, when
its pieces, long out of every cache of the processor, are let go one after another. For a name server that was
a third of what a query costs. Here the octets of a whole batch are one object, and so is the rest.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

C = TypeVar("C")
Kept = tuple[int, float, str, Sequence[C], bytes, Sequence[int]]
"""Number of the first event, moment, event, connections, joined octets, and the length of each one's."""


class Batches(Generic[C]):
    """The newest batches, as few as hold `capacity` events, where that many were noted."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: deque[Kept[C]] = deque()
        self._held = 0

    def __len__(self) -> int:
        """How many events are held."""
        return self._held

    def add(
        self, first: int, moment: float, event: str, connections: Sequence[C], data: Sequence[bytes]
    ) -> None:
        """Keeps one event for each of `connections` with its `data`, numbered from `first`."""
        kept = self._kept
        kept.append((first, moment, event, connections, b"".join(data), array("I", map(len, data))))
        self._held += len(data)
        while self._held - len(kept[0][3]) >= self._capacity:
            self._held -= len(kept.popleft()[3])

    def newest(self) -> Iterator[tuple[int, float, C, None, str, bytes]]:
        """Yields every event held, the newest first, as the journal's records are."""
        for first, moment, event, connections, octets, lengths in reversed(self._kept):
            end = len(octets)
            for index in range(len(lengths) - 1, -1, -1):
                start = end - lengths[index]
                yield first + index, moment, connections[index], None, event, octets[start:end]
                end = start

    def clear(self) -> None:
        """Forgets every event held."""
        self._kept.clear()
        self._held = 0
