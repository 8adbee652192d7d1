"""The open connections of a service: which of them has gone quiet, and when the last one is gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

# How finely a quiet time is told: a time-out comes between one and 1 + 1/FINENESS times its length.
FINENESS = 8
_SHORTEST, _LONGEST = 0.01, 5.0


class Member(Protocol):
    """What can be open, and be told that nothing has moved on it for too long."""

    def moved(self) -> int:
        """A number that changes whenever bytes come or go."""
        ...

    def quiet(self) -> None:
        """Nothing came or went for the whole idle time."""
        ...


M = TypeVar("M", bound=Member)


class Crowd(Generic[M]):
    """Members that are open. One timer watches them all, so that traffic costs no timer of its own."""

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._members: dict[M, tuple[int, float]] = {}
        self._empty: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[M]:
        return iter(list(self._members))

    def add(self, member: M) -> None:
        """`member` is open, and has just moved."""
        self._members[member] = (member.moved(), time.monotonic())
        if self._idle and self._timer is None:
            self._arm(asyncio.get_running_loop())

    def discard(self, member: M) -> None:
        """`member` is closed."""
        self._members.pop(member, None)
        if self._empty is not None and not self._members:
            self._empty.set()

    async def gone(self, within: float) -> bool:
        """Whether the last member closes within that many seconds."""
        if self._members:
            if self._empty is None or self._empty.is_set():
                self._empty = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._empty.wait()
        return not self._members

    def close(self) -> None:
        """Stops watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        step = min(max(self._idle / FINENESS, _SHORTEST), _LONGEST)
        self._timer = loop.call_later(step, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = time.monotonic()
        for member, (before, since) in list(self._members.items()):
            moved = member.moved()
            if moved != before:
                self._members[member] = (moved, now)
            elif now - since >= self._idle:
                member.quiet()
        if self._members:
            self._arm(loop)
