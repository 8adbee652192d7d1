"""Connections kept between requests, within limits: what Node calls an Agent."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from clients.http1.connection import WITHIN, Connection
from clients.http1.origin import Origin
from clients.trace import LONGEST, Step, Trace

_KEPT = re.compile(r"(?:^|,)\s*timeout=(\d+)", re.IGNORECASE)
MARGIN = 1.0
"""Seconds by which a kept connection is given up before the server does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many connections there may be: to one origin, in all, and idle to one origin. None: any number.

    An idle connection is kept for `keep` seconds at most, or as the server says in Keep-Alive. `scheduling`
    takes the idle connection used last (`lifo`: few connections, kept warm) or first (`fifo`).
    """

    sockets: int | None = None
    total: int | None = None
    free: int = 256
    keep: float = 60.0
    scheduling: Literal["lifo", "fifo"] = "lifo"


@dataclass(slots=True)
class _Idle:
    connection: Connection
    timer: asyncio.TimerHandle


class Pool:
    """Connections to any number of origins; `within` is seconds for each wait on one of them.

    Steps told to the trace beside those of the connections: `queue` when a request has to wait for one,
    `free` when one is kept.
    """

    def __init__(
        self, limits: Limits = Limits(), *, within: float = WITHIN, trace: Trace | None = None
    ) -> None:
        self.limits, self.within, self.trace = limits, within, trace or Trace()
        self._idle: dict[Origin, list[_Idle]] = {}
        self._used: Counter[Origin] = Counter()
        self._waiting: deque[tuple[Origin, asyncio.Future[None]]] = deque()

    def free(self, origin: Origin) -> int:
        """How many connections to `origin` are idle."""
        return len(self._idle.get(origin, ()))

    def used(self, origin: Origin) -> int:
        """How many connections to `origin` serve a request, or are being opened."""
        return self._used[origin]

    @property
    def waiting(self) -> int:
        """How many requests wait for a connection."""
        return len(self._waiting)

    async def acquire(self, origin: Origin) -> Connection:
        """An idle connection, or a new one, or the first to come free. Raises ConnectError, TimedOutError."""
        while (connection := self._take(origin)) is None:
            if self._room(origin):
                return await self._open(origin)
            await self._queue(origin)
        self._used[origin] += 1
        return connection

    async def fresh(self, origin: Origin) -> Connection:
        """A new connection, the idle ones to its origin being thrown away."""
        while stale := self._take(origin):
            stale.abort()
        return await self.acquire(origin)

    async def release(self, connection: Connection, kept: str | None = None) -> None:
        """Gives a connection back; `kept` is the last response's Keep-Alive field."""
        origin = connection.origin
        self._used[origin] -= 1
        if connection.idle and self.free(origin) < self.limits.free:
            self._keep(connection, kept)
        else:
            await connection.close()
        self._wake()

    def discard(self, connection: Connection) -> None:
        """Ends a connection that is under way."""
        self._used[connection.origin] -= 1
        connection.abort()
        self._wake()

    async def close(self) -> None:
        """Closes every idle connection."""
        for origin in list(self._idle):
            while connection := self._take(origin):
                await connection.close()

    # -- idle connections ------------------------------------------------------------------------

    def _keep(self, connection: Connection, kept: str | None) -> None:
        found = _KEPT.search(kept or "")
        seconds = min(self.limits.keep, int(found[1]) - MARGIN) if found else self.limits.keep
        idle = self._idle.setdefault(connection.origin, [])
        timer = asyncio.get_running_loop().call_later(max(0.0, seconds), self._expire, connection)
        idle.append(_Idle(connection, timer))
        connection.trace.step("free", seconds=seconds)

    def _expire(self, connection: Connection) -> None:
        idle = self._idle[connection.origin]
        idle[:] = [each for each in idle if each.connection is not connection]
        connection.abort()
        self._wake()

    def _take(self, origin: Origin) -> Connection | None:
        """The next idle connection that the server has not closed meanwhile."""
        idle = self._idle.get(origin, [])
        while idle:
            chosen = idle.pop(-1 if self.limits.scheduling == "lifo" else 0)
            chosen.timer.cancel()
            if chosen.connection.idle:
                return chosen.connection
            chosen.connection.abort()
        return None

    # -- room for new ones -----------------------------------------------------------------------

    def _room(self, origin: Origin) -> bool:
        """Whether one more may be opened; an idle one to another origin makes room when it must."""
        limits = self.limits
        if limits.sockets is not None and self._used[origin] + self.free(origin) >= limits.sockets:
            return False
        return limits.total is None or self._count() < limits.total or self._evict()

    def _count(self) -> int:
        return self._used.total() + sum(map(len, self._idle.values()))

    def _evict(self) -> bool:
        for origin in self._idle:
            connection = self._take(origin)
            if connection is not None:
                connection.abort()
                return True
        return False

    async def _open(self, origin: Origin) -> Connection:
        connection = Connection(origin, within=self.within, trace=Trace(self._tell))
        self._used[origin] += 1
        try:
            await connection.open()
        except BaseException:  # raised again: the place that was counted is free for the next in the queue
            self._used[origin] -= 1
            self._wake()
            raise
        return connection

    async def _queue(self, origin: Origin) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((origin, turn))
        self.trace.step("queue", waiting=len(self._waiting))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake()
            raise
        finally:
            self._waiting = deque(each for each in self._waiting if each[1] is not turn)

    def _wake(self) -> None:
        """Lets the first request go on for which there is a connection, or room for one."""
        for origin, turn in self._ready():
            if not turn.done():
                turn.set_result(None)
                self._waiting.remove((origin, turn))
                return

    def _ready(self) -> Iterator[tuple[Origin, asyncio.Future[None]]]:
        yield from [each for each in self._waiting if self.free(each[0]) or self._room(each[0])]

    def _tell(self, step: Step) -> None:
        """What a connection did, into the trace of the pool."""
        if len(self.trace.steps) < LONGEST:
            self.trace.steps.append(step)
        else:
            self.trace.left_out += 1
        if self.trace.tell is not None:
            self.trace.tell(step)
