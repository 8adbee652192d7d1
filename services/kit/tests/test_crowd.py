"""Who is open, who has gone quiet, and when the last one is gone."""

from __future__ import annotations

import asyncio

from services.kit.crowd import FINENESS, Crowd


class Sleeper:
    """A member that moves when told to."""

    def __init__(self) -> None:
        self.bytes = 0
        self.told: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def moved(self) -> int:
        return self.bytes

    def quiet(self) -> None:
        if not self.told.done():
            self.told.set_result(asyncio.get_running_loop().time())


async def test_a_quiet_member_is_told_in_time() -> None:
    crowd: Crowd[Sleeper] = Crowd(0.2)
    member = Sleeper()
    begun = asyncio.get_running_loop().time()
    crowd.add(member)
    told = await asyncio.wait_for(member.told, 5)
    assert told - begun >= 0.2
    assert told - begun < 0.2 * (1 + 1 / FINENESS) + 0.2
    crowd.close()


async def test_a_member_that_moves_is_left_alone() -> None:
    crowd: Crowd[Sleeper] = Crowd(0.2)
    busy, idle = Sleeper(), Sleeper()
    crowd.add(busy)
    crowd.add(idle)
    while not idle.told.done():
        busy.bytes += 1
        await asyncio.wait([idle.told], timeout=0.02)
    assert not busy.told.done()
    crowd.close()


async def test_no_idle_time_means_no_timer() -> None:
    crowd: Crowd[Sleeper] = Crowd(0)
    member = Sleeper()
    crowd.add(member)
    assert not (await asyncio.wait([member.told], timeout=0.05))[0]
    member.told.cancel()


async def test_gone_when_the_last_one_leaves() -> None:
    crowd: Crowd[Sleeper] = Crowd(0)
    one, two = Sleeper(), Sleeper()
    assert await crowd.gone(0)
    crowd.add(one)
    crowd.add(two)
    crowd.discard(one)
    assert not await crowd.gone(0.01)
    assert (len(crowd), list(crowd)) == (1, [two])
    waiting = asyncio.ensure_future(crowd.gone(5))
    crowd.discard(two)
    assert await waiting
