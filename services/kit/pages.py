"""Events in the order in which they were noted: the newest as they came, the older ones packed by the page.

A tuple of its own for each event is paid for three times: when it is written to memory that no cache of the
processor holds, when it drives out what was in them, and when its pieces, long cold, are let go one after
another. That was a quarter of what a small request costs. Here the page being written is a few hundred tuples
that come and go in the same warm memory; a page that is full is kept as one column for each of their fields.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

C = TypeVar("C")
D = TypeVar("D")
Series = tuple[str, ...]


Datum = Mapping[str, object] | bytes
"""What one event tells."""


class Each(ABC):
    """Data of a series whose events tell something each, which is made of it when somebody reads."""

    __slots__ = ()

    @abstractmethod
    def told(self) -> Sequence[Datum | None]:
        """What each of the events tells, in their order; there may be more than there are events."""


@dataclass(frozen=True, slots=True)
class Known(Each):
    """Such data that is at hand."""

    data: tuple[Datum | None, ...]

    def told(self) -> Sequence[Datum | None]:
        """As it is."""
        return self.data


Entry = tuple[int, float, C, int | None, Series, D | Each | None]
"""Number of the last event, moment, connection, stream, the events, and the data of the first or of each."""
Told = tuple[int, float, C, int | None, str, D | Datum | None]
"""One event, as a reader gets it."""

PAGE = 256
"""Entries on a page."""
_NO_STREAM = -1


class Pages(Generic[C, D]):
    """The newest pages, as few as hold the newest `capacity` events. `turn` whenever `writing` holds PAGE."""

    def __init__(self, capacity: int) -> None:
        self.writing: list[Entry[C, D]] = []
        self._capacity = capacity
        self._packed: deque[_Packed[C, D]] = deque()
        self._counted: Counter[Series] = Counter()

    def turn(self, last: int) -> None:
        """Packs what was written, and lets go what is older than the newest `capacity` of `last` events."""
        numbers, moments, connections, streams, series, data = zip(*self.writing, strict=True)
        self.writing.clear()
        self._count(series)
        packed, oldest = self._packed, last - self._capacity
        told = _numbered(streams)
        packed.append(_Packed(array("Q", numbers), array("d", moments), connections, told, series, data))
        while packed and packed[0].last <= oldest:
            packed.popleft()

    def _count(self, series: Sequence[Series]) -> None:
        """Under load a page holds one series over and over: to compare is cheaper than to hash each."""
        first, many = series[0], len(series)
        if series.count(first) == many:
            self._counted[first] += many
        else:
            self._counted.update(series)

    def newest(self) -> Iterator[Told[C, D]]:
        """Yields every event held, the newest first."""
        for entry in reversed(self.writing):
            yield from _events(entry)
        for page in reversed(self._packed):
            for entry in page.newest():
                yield from _events(entry)

    def counts(self) -> Mapping[str, int]:
        """How many events of each name there were, those let go among them."""
        found: Counter[str] = Counter()
        for series, number in (self._counted + Counter(entry[4] for entry in self.writing)).items():
            for event in series:
                found[event] += number
        return found

    def clear(self, last: int) -> None:
        """Forgets every event held, but that there was one."""
        if self.writing:
            self.turn(last)
        self._packed.clear()


@dataclass(frozen=True, slots=True)
class _Packed(Generic[C, D]):
    """A full page: its entries' fields in columns."""

    numbers: Sequence[int]
    moments: Sequence[float]
    connections: Sequence[C]
    streams: Sequence[int]
    series: Sequence[Series]
    data: Sequence[D | Each | None]

    @property
    def last(self) -> int:
        """The number of its last event."""
        return self.numbers[-1]

    def newest(self) -> Iterator[Entry[C, D]]:
        """Yields its entries, the newest first."""
        columns = (self.numbers, self.moments, self.connections, self.streams, self.series, self.data)
        for number, moment, connection, stream, series, data in zip(*map(reversed, columns), strict=True):
            yield number, moment, connection, None if stream == _NO_STREAM else stream, series, data


def _numbered(streams: Sequence[int | None]) -> Sequence[int]:
    """Streams as a column of numbers. Under load each entry has one, and asking would double the cost."""
    try:
        return array("q", cast("Sequence[int]", streams))
    except TypeError:
        return array("q", [_NO_STREAM if stream is None else stream for stream in streams])


def _events(entry: Entry[C, D]) -> Iterator[Told[C, D]]:
    """Yields the events of `entry`, the last first."""
    number, moment, connection, stream, series, data = entry
    several = data.told() if isinstance(data, Each) else (data, *[None] * (len(series) - 1))
    for at in range(len(series) - 1, -1, -1):
        yield number, moment, connection, stream, series[at], several[at]
        number -= 1
