"""The hub hands on what is fresh, and a slow browser costs a bounded number of events."""

from __future__ import annotations

import asyncio

import pytest

from services.console.hub import HELD, Hub


async def test_a_reader_is_given_the_state_first_and_then_what_is_fresh() -> None:
    hub = Hub()
    hub.state("dns", healthy=True)
    batches = hub.batches()
    assert await anext(batches) == {
        "events": [],
        "seen": {},
        "missed": 0,
        "states": [{"role": "dns", "healthy": True}],
    }
    hub.event({"seq": 1})
    assert (await anext(batches))["events"] == [{"seq": 1}]
    await batches.aclose()


async def test_the_first_event_after_a_pause_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """PACE keeps batches apart; it stands before the wait for what is fresh, not behind it."""
    hub, waited = Hub(), []

    async def within(awaited: asyncio.Event, _seconds: float) -> bool:
        waited.append("pace" if awaited is hub.closing else "fresh")
        return True

    monkeypatch.setattr("services.console.hub._within", within)
    batches = hub.batches()
    await anext(batches)
    await anext(batches)
    await batches.aclose()
    assert waited == ["pace", "fresh"]


async def test_what_a_slow_reader_misses_is_counted_and_the_newest_is_kept() -> None:
    hub = Hub()
    batches = hub.batches()
    await anext(batches)
    for number in range(HELD + 3):
        hub.event({"seq": number})
    batch = await anext(batches)
    assert (batch["missed"], batch["events"][-1]) == (3, {"seq": HELD + 2})
    await batches.aclose()


async def test_what_a_journal_left_out_is_added_to_what_was_missed() -> None:
    hub = Hub()
    batches = hub.batches()
    await anext(batches)
    hub.event({"seq": 9}, missed=8)
    assert (await anext(batches))["missed"] == 8
    await batches.aclose()


async def test_closing_ends_every_reader() -> None:
    hub = Hub()
    batches = hub.batches()
    await anext(batches)
    hub.close()
    assert [batch async for batch in batches][1:] == []


async def test_a_busy_role_hides_no_other() -> None:
    hub = Hub()
    batches = hub.batches()
    await anext(batches)
    hub.event({"role": "dns"})
    for _ in range(HELD):
        hub.event({"role": "http1"}, missed=1)
    batch = await anext(batches)
    assert {event["role"] for event in batch["events"]} == {"http1"}
    assert batch["seen"] == {"dns": 1, "http1": 2 * HELD}
    await batches.aclose()


async def test_events_are_wanted_for_as_long_as_anybody_reads() -> None:
    hub = Hub()
    assert not hub.wanted.is_set()
    one, other = hub.batches(), hub.batches()
    await anext(one)
    await anext(other)
    assert hub.wanted.is_set()
    await one.aclose()
    assert hub.wanted.is_set()
    await other.aclose()
    assert not hub.wanted.is_set()
