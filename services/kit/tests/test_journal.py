"""The journal: order, filters, waiting, and a bound on what is held."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from services.kit.batches import Batches
from services.kit.journal import Filter, Journal, SilentJournal, endpoint
from services.kit.pages import PAGE, Each


def names(journal: Journal, wanted: Filter | None = None) -> list[str]:
    return [record[4] for record in journal.select(wanted or Filter())]


@pytest.fixture
def journal() -> Journal:
    return Journal("sample", capacity=8)


@dataclass(frozen=True, slots=True)
class Pair(Each):
    """Two events' data."""

    one: bytes
    other: bytes

    def told(self) -> Sequence[bytes]:
        """One, then the other."""
        return self.one, self.other


class TestRing:
    def test_events_keep_their_order_and_number(self, journal: Journal) -> None:
        for name in "abc":
            journal.emit(name)
        assert [(r[0], r[4]) for r in journal.select(Filter())] == [(1, "a"), (2, "b"), (3, "c")]
        assert (journal.last, journal.dropped) == (3, 0)

    def test_the_oldest_go_first_and_are_counted(self, journal: Journal) -> None:
        for number in range(20):
            journal.emit(str(number))
        assert names(journal) == [str(number) for number in range(12, 20)]
        assert (journal.last, journal.dropped) == (20, 12)
        assert sum(journal.counts.values()) == 20

    def test_a_batch_is_one_event_a_connection_counted_and_told(self, journal: Journal) -> None:
        one, other = journal.open(("::1", 1), ("::1", 2)), journal.open(("::1", 3), ("::1", 2))
        with journal.watch() as pulse:
            journal.emit_batch("message", [one, None, other], [b"a", b"", b"bcd"])
            assert pulse.is_set()
        records = journal.select(Filter(since=2))
        assert [(r[0], r[2], r[4], r[5]) for r in records] == [
            (3, one, "message", b"a"),
            (4, None, "message", b""),
            (5, other, "message", b"bcd"),
        ]
        assert journal.counts["message"] == 3

    def test_batches_stand_in_their_order_among_other_events(self, journal: Journal) -> None:
        journal.emit("a")
        journal.emit_batch("b", [None, None], [b"1", b"2"])
        journal.emit("c")
        assert [(r[0], r[4]) for r in journal.select(Filter())] == [(1, "a"), (2, "b"), (3, "b"), (4, "c")]

    def test_the_oldest_of_a_batch_go_first_and_are_counted(self, journal: Journal) -> None:
        journal.emit("a")
        for number in range(4):
            journal.emit_batch("b", [None] * 3, [bytes((number, index)) for index in range(3)])
        journal.emit("c")
        held = journal.select(Filter())
        assert [record[0] for record in held] == list(range(7, 15))
        assert [record[5] for record in held[:2]] == [b"\1\2", b"\2\0"]
        assert (journal.last, journal.dropped) == (14, 6)

    def test_batches_are_let_go_when_enough_newer_ones_are_held(self) -> None:
        batches: Batches[None] = Batches(8)
        for number in range(1, 100, 3):
            batches.add(number, 0.0, "b", [None] * 3, [b""] * 3)
        assert len(batches) == 9

    def test_octets_are_read_by_whoever_the_role_names_when_they_are_asked_for(
        self, journal: Journal
    ) -> None:
        journal.emit_batch("query", [None], [b"\1\2"])
        (record,) = journal.select(Filter())
        assert journal.as_dict(record)["data"] == {"octets": "0102"}
        journal.reader = lambda octets: {"bytes": len(octets)}
        assert journal.as_dict(record)["data"] == {"bytes": 2}

    def test_a_series_is_its_events_in_order_at_one_moment(self, journal: Journal) -> None:
        connection = journal.open(("::1", 1), ("::1", 2))
        journal.emit_series(("request", "finish", "close"), connection, 7, {"method": "GET"})
        records = journal.select(Filter(since=1))
        assert [(r[0], r[3], r[4], r[5]) for r in records] == [
            (2, 7, "request", {"method": "GET"}),
            (3, 7, "finish", None),
            (4, 7, "close", None),
        ]
        assert len({r[1] for r in records}) == 1
        assert journal.counts == {"connection": 1, "request": 1, "finish": 1, "close": 1}

    @pytest.mark.parametrize("series", [1, PAGE - 1])
    def test_a_series_may_tell_something_of_each_of_its_events(self, journal: Journal, series: int) -> None:
        """Before its page is packed, and after; each is told and found as any other event is."""
        connection = journal.open(("::1", 1), ("::1", 2))
        for _ in range(series):
            journal.emit_series(("query", "answer"), connection, None, Pair(b"a", b"b"))
        last = journal.select(Filter(since=1))[-2:]
        assert [(r[4], r[5]) for r in last] == [("query", b"a"), ("answer", b"b")]
        (answer,) = journal.select(Filter(events=frozenset({"answer"})), limit=1)
        assert journal.as_dict(answer)["data"] == {"octets": "62"}
        assert journal.counts == {"connection": 1, "query": series, "answer": series}

    def test_forgetting_goes_on_numbering(self, journal: Journal) -> None:
        journal.emit("a")
        journal.clear()
        journal.emit("b")
        assert [(r[0], r[4]) for r in journal.select(Filter())] == [(2, "b")]
        assert journal.dropped == 1

    def test_batches_are_forgotten_with_the_rest(self, journal: Journal) -> None:
        journal.emit_batch("a", [None], [b""])
        journal.clear()
        journal.emit_batch("b", [None], [b""])
        assert names(journal) == ["b"]

    def test_the_newest_are_kept_when_a_limit_is_asked_for(self, journal: Journal) -> None:
        for name in "abcd":
            journal.emit(name)
        assert [r[4] for r in journal.select(Filter(), limit=2)] == ["c", "d"]


class TestFilter:
    def test_by_connection_and_peer(self, journal: Journal) -> None:
        one = journal.open(("10.0.0.1", 5), ("10.0.0.9", 7))
        two = journal.open(("fd00::1", 5, 0, 0), ("fd00::9", 7, 0, 0))
        journal.emit("x", one)
        journal.emit("y", two, 3)
        journal.emit("z")
        assert names(journal, Filter(connection=one.id)) == ["connection", "x"]
        assert names(journal, Filter(peer="10.0.0.1:5")) == ["connection", "x"]
        assert names(journal, Filter(peer="[fd00::1]:5")) == ["connection", "y"]
        assert names(journal, Filter(events=frozenset({"x", "z"}))) == ["x", "z"]
        assert names(journal, Filter(since=3)) == ["y", "z"]

    def test_a_connection_is_listed_until_it_closes(self, journal: Journal) -> None:
        connection = journal.open(("10.0.0.1", 5), ("10.0.0.9", 7))
        assert list(journal.connections.values()) == [connection]
        journal.close(connection, {"why": "done"})
        assert not journal.connections
        assert connection.state == "closed"
        assert names(journal) == ["connection", "close"]


class TestWait:
    async def test_an_event_that_is_there_needs_no_waiting(self, journal: Journal) -> None:
        journal.emit("a")
        assert [r[4] for r in await journal.wait(Filter(), 5)] == ["a"]

    async def test_an_event_that_comes_ends_the_wait(self, journal: Journal) -> None:
        waiting = asyncio.ensure_future(journal.wait(Filter(events=frozenset({"b"})), 5))
        await asyncio.sleep(0)
        journal.emit("a")
        await asyncio.sleep(0)
        assert not waiting.done()
        journal.emit("b")
        assert [r[4] for r in await waiting] == ["b"]

    async def test_waiting_ends_in_time(self, journal: Journal) -> None:
        assert await journal.wait(Filter(), 0.01) == []

    async def test_nobody_is_woken_afterwards(self, journal: Journal) -> None:
        with journal.watch() as pulse:
            journal.emit("a")
            assert pulse.is_set()
        pulse.clear()
        journal.emit("b")
        assert not pulse.is_set()


class TestForms:
    def test_an_event_as_the_control_port_shows_it(self, journal: Journal) -> None:
        connection = journal.open(("10.0.0.1", 5), ("10.0.0.9", 7))
        journal.emit("request", connection, 3, {"method": "GET"})
        shown = journal.as_dict(journal.select(Filter())[-1])
        assert {k: shown[k] for k in ("seq", "role", "connection", "peer", "stream", "event", "data")} == {
            "seq": 2,
            "role": "sample",
            "connection": 1,
            "peer": "10.0.0.1:5",
            "stream": 3,
            "event": "request",
            "data": {"method": "GET"},
        }
        assert str(shown["at"]).endswith("+00:00")

    @pytest.mark.parametrize(
        ("address", "text"),
        [
            (("10.0.0.1", 5), "10.0.0.1:5"),
            (("fd00::1", 5, 0, 0), "[fd00::1]:5"),
            (("/ipc/echo.sock",), "/ipc/echo.sock"),
            ((), ""),
        ],
    )
    def test_endpoints(self, address: tuple[object, ...], text: str) -> None:
        assert endpoint(address) == text

    def test_a_silent_journal_keeps_connections_only(self) -> None:
        journal = SilentJournal("sample")
        connection = journal.open(("10.0.0.1", 5), ("10.0.0.9", 7))
        journal.emit("x", connection)
        assert list(journal.connections.values()) == [connection]
        assert journal.select(Filter()) == []
