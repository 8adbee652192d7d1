"""The journal: the ordered record of what a service saw, kept in a bounded ring.

Writing is on the hot path of every service: one tuple appended for all that happens at one moment, nothing
formatted, nothing counted. Reading pays for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import merge
from ssl import SSLObject
from typing import Any

from services.kit.batches import Batches
from services.kit.pages import PAGE, Each, Pages, Series

CAPACITY = 65_536


class Connection:
    """One connection as the journal names it; the service keeps its counters current.

    `peer` and `local` are (address, port, …) as the socket gives them; `state` is a word of the service's;
    `secure` is its TLS, if it has any.
    """

    __slots__ = ("bytes_in", "bytes_out", "facts", "id", "local", "opened", "peer", "secure", "state")

    def __init__(self, number: int, peer: tuple[Any, ...], local: tuple[Any, ...]) -> None:
        self.id = number
        self.peer = peer
        self.local = local
        self.opened = time.monotonic()
        self.bytes_in = 0
        self.bytes_out = 0
        self.state = "open"
        self.facts: dict[str, object] = {}
        self.secure: SSLObject | None = None


Data = Mapping[str, object] | bytes
"""What an event tells; octets stand for what the role's `reader` makes of them."""
Record = tuple[int, float, Connection | None, int | None, str, Data | None]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events a reader wants; None matches all. `since` is exclusive."""

    since: int = 0
    peer: str | None = None
    connection: int | None = None
    events: frozenset[str] | None = None

    def matches(self, record: Record) -> bool:
        """Whether the reader wants `record`."""
        _, _, connection, _, event, _ = record
        if self.events is not None and event not in self.events:
            return False
        if self.connection is not None and (connection is None or connection.id != self.connection):
            return False
        return self.peer is None or (connection is not None and endpoint(connection.peer) == self.peer)


class Journal:
    """The events of one role, numbered from 1. `dropped` counts those the ring has let go."""

    def __init__(self, role: str, *, capacity: int = CAPACITY) -> None:
        self.role = role
        self.connections: dict[int, Connection] = {}
        self.collectors: list[Any] = []
        """Prometheus collectors of the role's own, shown on /metrics behind the journal's."""
        self.reader: Callable[[bytes], Mapping[str, object]] = _octets
        """Makes data of octets that were noted as they were, when somebody asks for the event."""
        self.opened = 0
        self._capacity = capacity
        self._pages: Pages[Connection | None, Data] = Pages(capacity)
        self._page = self._pages.writing
        self._batches: Batches[Connection | None] = Batches(capacity)
        # A plain dictionary: counting in a subclass of it would be a good part of what a small batch costs.
        self._batched: dict[str, int] = {}
        self._seq = self._forgotten = 0
        self._watchers: set[asyncio.Event] = set()
        self._epoch = time.time() - time.monotonic()

    @property
    def last(self) -> int:
        """The number of the newest event."""
        return self._seq

    @property
    def dropped(self) -> int:
        """How many events are no longer held."""
        return max(self._forgotten, self._seq - self._capacity)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many events of each name there were, those no longer held among them."""
        return Counter(self._batched) + Counter(self._pages.counts())

    def open(self, peer: tuple[Any, ...], local: tuple[Any, ...]) -> Connection:
        """A new connection, listed until `close`, with its `connection` event."""
        self.opened += 1
        connection = Connection(self.opened, peer, local)
        self.connections[connection.id] = connection
        self.emit("connection", connection)
        return connection

    def close(self, connection: Connection, data: Mapping[str, object] | None = None) -> None:
        """The end of `connection`: its last event, `close`."""
        connection.state = "closed"
        self.connections.pop(connection.id, None)
        self.emit("close", connection, None, data)

    def emit(
        self,
        event: str,
        connection: Connection | None = None,
        stream: int | None = None,
        data: Data | None = None,
        _clock: Any = time.monotonic,
    ) -> None:
        """Records one event. `data` is kept, not copied: give it a mapping that will not change."""
        self._seq = number = self._seq + 1
        page = self._page
        page.append((number, _clock(), connection, stream, (event,), data))
        if len(page) == PAGE:
            self._pages.turn(number)
        if self._watchers:
            self._wake()

    def emit_series(
        self,
        events: Series,
        connection: Connection,
        stream: int | None,
        data: Mapping[str, object] | Each | None,
        _clock: Any = time.monotonic,
    ) -> None:
        """Records `events` of one connection at one moment, the first with `data` or each with its own.

        What was asked and answered in one go is noted in one go, at the price of one event.
        """
        self._seq = number = self._seq + len(events)
        page = self._page
        page.append((number, _clock(), connection, stream, events, data))
        if len(page) == PAGE:
            self._pages.turn(number)
        if self._watchers:
            self._wake()

    def emit_batch(
        self,
        event: str,
        connections: Sequence[Connection | None],
        data: Sequence[bytes],
        _clock: Any = time.monotonic,
    ) -> None:
        """Records one event for each of `connections` with its `data`, all at one moment.

        What one wake-up has taken from a socket is noted together, at a tenth of what each event would cost.
        """
        self._batches.add(self._seq + 1, _clock(), event, connections, data)
        self._seq += len(data)
        self._batched[event] = self._batched.get(event, 0) + len(data)
        if self._watchers:
            self._wake()

    def _wake(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    def select(self, wanted: Filter, limit: int = CAPACITY) -> list[Record]:
        """The matching events, oldest first; the newest `limit` of them."""
        found: list[Record] = []
        oldest = max(wanted.since, self.dropped)
        for record in self._newest():
            if record[0] <= oldest or len(found) == limit:
                break
            if wanted.matches(record):
                found.append(record)
        found.reverse()
        return found

    def _newest(self) -> Iterator[Record]:
        if not self._batches:
            return self._pages.newest()
        return merge(self._pages.newest(), self._batches.newest(), key=lambda record: -record[0])

    async def wait(self, wanted: Filter, seconds: float) -> list[Record]:
        """As `select`, but waits up to `seconds` for a first match."""
        found = self.select(wanted)
        try:
            with self.watch() as pulse:
                async with asyncio.timeout(seconds):
                    while not found:
                        # What was looked at once is not looked at again, however long the wait.
                        wanted = replace(wanted, since=max(wanted.since, self._seq))
                        await pulse.wait()
                        pulse.clear()
                        found = self.select(wanted)
        except TimeoutError:
            return []
        return found

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """One event object that is set at every emit, for as long as the context lasts."""
        pulse = asyncio.Event()
        self._watchers.add(pulse)
        try:
            yield pulse
        finally:
            self._watchers.discard(pulse)

    def clear(self) -> None:
        """Forgets every event held; numbering goes on."""
        self._pages.clear(self._seq)
        self._batches.clear()
        self._forgotten = self._seq

    def told(self, record: Record) -> dict[str, object]:
        """The data of `record`, empty without any."""
        data = record[5]
        return dict(self.reader(data) if isinstance(data, bytes) else data or {})

    def as_dict(self, record: Record) -> dict[str, object]:
        """`record` as the control port shows it: `t` monotonic seconds, `at` UTC."""
        seq, t, connection, stream, event, _ = record
        return {
            "seq": seq,
            "t": round(t, 6),
            "at": datetime.fromtimestamp(self._epoch + t, UTC).isoformat(timespec="microseconds"),
            "role": self.role,
            "connection": connection.id if connection else None,
            "peer": endpoint(connection.peer) if connection else None,
            "stream": stream,
            "event": event,
            "data": self.told(record),
        }


class SilentJournal(Journal):
    """A journal that keeps connections but no events: what measuring the journal's cost needs."""

    def emit(self, *_: Any, **__: Any) -> None:
        """Records nothing."""

    def emit_series(self, *_: Any, **__: Any) -> None:
        """Records nothing."""

    def emit_batch(self, *_: Any, **__: Any) -> None:
        """Records nothing."""


def _octets(data: bytes) -> Mapping[str, object]:
    return {"octets": data.hex()}


def endpoint(address: tuple[Any, ...]) -> str:
    """`ADDRESS:PORT`, an IPv6 address in brackets; a Unix socket by its path."""
    if len(address) < 2:
        return str(address[0]) if address else ""
    host, port = str(address[0]), address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
