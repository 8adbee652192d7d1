"""A coroutine that is begun at once is, from its first wait on, a task like any other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from services.kit.eager import start


class Seen:
    """What a coroutine under test went through."""

    def __init__(self) -> None:
        self.steps: list[object] = []

    async def run(self, *waits: Awaitable[object]) -> None:
        """Waits for one after the other."""
        self.steps.append("begun")
        try:
            for wait in waits:
                self.steps.append(await wait)
        except BaseException as error:
            self.steps.append(type(error))
            raise


async def test_what_waits_for_nothing_has_ended_at_once() -> None:
    seen = Seen()
    assert start(seen.run(), asyncio.get_running_loop()) is None
    assert seen.steps == ["begun"]


async def test_what_it_raises_before_it_waits_is_raised_at_once() -> None:
    async def fails() -> None:
        raise ValueError("at once")

    with pytest.raises(ValueError, match="at once"):
        start(fails(), asyncio.get_running_loop())


async def test_it_goes_on_as_a_task_from_where_it_waits() -> None:
    seen, loop = Seen(), asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    task = start(seen.run(first, asyncio.sleep(0, "slept"), second), loop)
    assert task is not None
    first.set_result(1)
    second.set_result(2)
    await task
    assert seen.steps == ["begun", 1, "slept", 2]


async def test_several_may_wait_for_the_same() -> None:
    loop, seen = asyncio.get_running_loop(), [Seen(), Seen()]
    shared = loop.create_future()
    tasks = [start(each.run(shared), loop) for each in seen]
    shared.set_result("shared")
    await asyncio.gather(*(task for task in tasks if task is not None))
    assert [each.steps for each in seen] == [["begun", "shared"]] * 2


@pytest.mark.parametrize("turns", [0, 2])
async def test_it_is_cancelled_where_it_waits(turns: int) -> None:
    seen, loop = Seen(), asyncio.get_running_loop()
    task = start(seen.run(loop.create_future()), loop)
    assert task is not None
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen.steps == ["begun", asyncio.CancelledError]


async def test_a_failure_of_what_it_waits_for_reaches_it() -> None:
    seen, loop = Seen(), asyncio.get_running_loop()
    future = loop.create_future()
    task = start(seen.run(future), loop)
    assert task is not None
    future.set_exception(ValueError("late"))
    with pytest.raises(ValueError, match="late"):
        await task
    assert seen.steps == ["begun", ValueError]


async def test_what_asks_for_the_current_task_may_do_so_behind_the_first_wait() -> None:
    loop, found = asyncio.get_running_loop(), list[object]()

    async def asks() -> None:
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await asyncio.sleep(0)
            found.append(asyncio.current_task())

    task = start(asks(), loop)
    assert task is not None
    await task
    assert found == [task]
