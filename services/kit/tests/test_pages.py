"""Pages of events: told as they were noted, whether packed by now or not, counted, and let go in time."""

from __future__ import annotations

import pytest

from services.kit.pages import PAGE, Pages, Series

WHOLE = ("request", "finish", "close")


def written(number_of_entries: int, capacity: int = 10_000) -> tuple[Pages[str, str], int]:
    """Pages with so many entries of one and of three events in turn, and the number of the last event."""
    pages: Pages[str, str] = Pages(capacity)
    last = 0
    for index in range(number_of_entries):
        series: Series = WHOLE if index % 2 else ("ping",)
        stream = index if index % 2 else None
        last += len(series)
        pages.writing.append((last, float(index), f"c{index}", stream, series, f"d{index}"))
        if len(pages.writing) == PAGE:
            pages.turn(last)
    return pages, last


@pytest.mark.parametrize("entries", [2, PAGE, PAGE + 2, 3 * PAGE])
def test_a_packed_event_is_told_as_a_new_one(entries: int) -> None:
    pages, last = written(entries)
    told = list(pages.newest())
    assert [event[0] for event in told] == list(range(last, 0, -1))
    assert told[-4:] == [
        (4, 1.0, "c1", 1, "close", None),
        (3, 1.0, "c1", 1, "finish", None),
        (2, 1.0, "c1", 1, "request", "d1"),
        (1, 0.0, "c0", None, "ping", "d0"),
    ]


def test_pages_older_than_the_newest_events_that_are_to_be_held_are_let_go() -> None:
    pages, last = written(20 * PAGE, capacity=PAGE)
    numbers = [event[0] for event in pages.newest()]
    assert numbers[0] == last
    assert PAGE <= len(numbers) <= 3 * PAGE


def test_events_are_counted_packed_or_not_and_let_go_or_not() -> None:
    pages, _ = written(20 * PAGE + 2, capacity=PAGE)
    each = 10 * PAGE + 1
    assert pages.counts() == {"ping": each, "request": each, "finish": each, "close": each}


def test_a_page_of_one_series_alone_is_counted_too() -> None:
    pages: Pages[None, None] = Pages(PAGE)
    for index in range(PAGE):
        pages.writing.append((3 * index + 3, 0.0, None, index, WHOLE, None))
    pages.turn(3 * PAGE)
    assert pages.counts() == {"request": PAGE, "finish": PAGE, "close": PAGE}


def test_a_page_behind_which_more_was_noted_elsewhere_than_is_held_is_let_go_at_once() -> None:
    pages: Pages[None, None] = Pages(8)
    pages.writing.append((1, 0.0, None, None, ("a",), None))
    pages.turn(100)
    assert list(pages.newest()) == []


def test_what_is_forgotten_was_counted() -> None:
    pages, last = written(PAGE + 2)
    counted = pages.counts()
    pages.clear(last)
    assert list(pages.newest()) == []
    assert pages.counts() == counted
