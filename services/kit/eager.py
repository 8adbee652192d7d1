"""Coroutines that run at once as far as they can, and become tasks only when they have to wait.

Most answers wait for nothing. A task for each of them, and a turn of the loop before it begins, would be a
third of what such an answer costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")


def start(coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> asyncio.Task[None] | None:
    """Runs `coroutine` up to where it waits; the task that goes on from there, or None when it has ended.

    What it raises before it waits is raised here. Until then it is no task yet: `asyncio.timeout` and the
    like, which ask for the current one, belong behind the first wait.
    """
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    if isinstance(awaited, asyncio.Future):
        awaited._asyncio_future_blocking = False  # nobody waits yet: another may begin to meanwhile
    return loop.create_task(_Waiting(coroutine, awaited))


class _Waiting(Coroutine[Any, Any, T]):
    """A coroutine that has begun, and waits for `awaited`: its task hears of that first."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], awaited: object) -> None:
        self._coroutine = coroutine
        self._first: tuple[object, ...] = (awaited,)

    def send(self, value: Any) -> Any:
        """What is awaited next."""
        if self._first:
            (awaited,), self._first = self._first, ()
            if isinstance(awaited, asyncio.Future):
                awaited._asyncio_future_blocking = True  # so a task takes it for what it has to wait for
            return awaited
        return self._coroutine.send(value)

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raises an exception where the coroutine waits."""
        self._first = ()
        return self._coroutine.throw(typ, val, tb) if isinstance(typ, type) else self._coroutine.throw(typ)

    def close(self) -> None:
        """Ends the coroutine where it waits."""
        self._coroutine.close()

    def __await__(self) -> Generator[Any, None, T]:
        raise TypeError("what has begun already is for one task alone")
