"""The control port, asked over HTTP on a real port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.kit import control
from services.kit.control import BATCH, FLOOD_PACE, PACE, STREAMS, Control
from services.kit.control_port import ControlPort
from services.kit.journal import Journal


async def _own(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("own")


@pytest.fixture
def journal() -> Journal:
    return Journal("sample")


@pytest.fixture
async def client(journal: Journal) -> AsyncIterator[httpx.AsyncClient]:
    port = ControlPort(("127.0.0.1",), 0)
    number = port.port
    control = Control(journal, [Route("/own", _own)])
    async with (
        asyncio.TaskGroup() as group,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{number}", trust_env=False, timeout=5) as client,
    ):
        group.create_task(port.run(control))
        yield client
        port.close()


def lines(answer: httpx.Response) -> list[dict[str, object]]:
    return [json.loads(line) for line in answer.text.splitlines()]


class TestEvents:
    async def test_one_line_an_event(self, journal: Journal, client: httpx.AsyncClient) -> None:
        journal.emit("a", data={"text": "过生日", "bytes": b"\xff", "other": {1}})
        journal.emit("b")
        answer = await client.get("/events")
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert [line["event"] for line in lines(answer)] == ["a", "b"]
        assert lines(answer)[0]["data"] == {"text": "过生日", "bytes": "\\xff", "other": "{1}"}
        assert (answer.headers["wireyard-last"], answer.headers["wireyard-dropped"]) == ("2", "0")

    @pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029", "\n", "\x0b", "\x1e"])
    async def test_an_event_is_one_line_whatever_the_wire_brought(
        self, journal: Journal, client: httpx.AsyncClient, separator: str
    ) -> None:
        """Readers of lines differ in what ends one; none of it stands in an event."""
        journal.emit("a", data={"text": f"one{separator}two"})
        assert [line["data"] for line in lines(await client.get("/events"))] == [
            {"text": f"one{separator}two"}
        ]

    async def test_filters(self, journal: Journal, client: httpx.AsyncClient) -> None:
        one = journal.open(("10.0.0.1", 5), ("10.0.0.9", 7))
        journal.emit("x", one)
        journal.emit("y")
        for query, found in (
            ("peer=10.0.0.1:5", ["connection", "x"]),
            ("connection=1", ["connection", "x"]),
            ("since=2", ["y"]),
            ("event=x&event=y", ["x", "y"]),
        ):
            answer = await client.get(f"/events?{query}")
            assert [line["event"] for line in lines(answer)] == found, query

    async def test_the_newest_alone(self, journal: Journal, client: httpx.AsyncClient) -> None:
        for name in "abc":
            journal.emit(name)
        assert [line["event"] for line in lines(await client.get("/events?limit=2"))] == ["b", "c"]

    async def test_waiting(self, journal: Journal, client: httpx.AsyncClient) -> None:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            asking = group.create_task(client.get("/events?event=late&wait=5"))
            # Other events neither end the wait nor are answered.
            while not asking.done():
                journal.emit("other")
                await asyncio.wait([asking], timeout=0.05)
                journal.emit("late")
        assert {line["event"] for line in lines(asking.result())} == {"late"}

    @pytest.mark.parametrize(
        "query",
        [
            "limit=x",
            "limit=0",
            "since=x",
            "since=-1",
            "since=٣",
            "connection=x",
            "wait=x",
            "wait=-1",
            "wait=31",
            "wait=nan",
        ],
    )
    async def test_a_wrong_query_is_told(self, client: httpx.AsyncClient, query: str) -> None:
        answer = await client.get(f"/events?{query}")
        assert answer.status_code == 400
        assert query.split("=", maxsplit=1)[0] in answer.json()["error"]

    async def test_forgetting(self, journal: Journal, client: httpx.AsyncClient) -> None:
        journal.emit("a")
        assert (await client.delete("/events")).status_code == 204
        assert (await client.get("/events")).text == ""


class TestStream:
    async def test_server_sent_events(self, journal: Journal, client: httpx.AsyncClient) -> None:
        journal.emit("a")
        async with client.stream("GET", "/events/stream") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            got = answer.aiter_lines()
            first = [await anext(got) for _ in range(3)]
            journal.emit("b")
            second = [await anext(got) for _ in range(3)]
        assert (first[0], second[0]) == ("id: 1", "id: 2")
        assert json.loads(second[1].removeprefix("data: "))["event"] == "b"

    async def test_a_busy_service_need_not_wake_its_reader(
        self, journal: Journal, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(control, "PACE", 0.3)
        watched: list[None] = []
        monkeypatch.setattr(journal, "watch", lambda: watched.append(None))
        journal.emit("a")
        async with client.stream("GET", "/events/stream") as answer:
            got = answer.aiter_lines()
            assert await anext(got) == "id: 1"
            journal.emit("b")
            assert [await anext(got) for _ in range(3)][2] == "id: 2"
        assert watched == []

    async def test_a_reader_that_comes_back_misses_nothing(
        self, journal: Journal, client: httpx.AsyncClient
    ) -> None:
        for name in "abc":
            journal.emit(name)
        async with client.stream("GET", "/events/stream", headers={"last-event-id": "2"}) as answer:
            assert await anext(answer.aiter_lines()) == "id: 3"

    async def test_what_is_too_much_is_a_gap(self, journal: Journal, client: httpx.AsyncClient) -> None:
        for number in range(BATCH + 50):
            journal.emit(str(number))
        async with client.stream("GET", "/events/stream") as answer:
            got = answer.aiter_lines()
            assert [await anext(got) for _ in range(2)] == ["event: gap", "data: 50"]

    async def test_a_flood_is_told_of_less_often_until_it_ends(
        self, journal: Journal, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody reads a flood; telling of it must not cost the service that is in it."""
        paused: list[float] = []

        async def pause(control: Control, _since: int, seconds: float) -> None:
            paused.append(seconds)
            for _ in range(burst.pop(0)):
                journal.emit("a")
            if not burst:
                control.stop()

        burst = [4000, 2000, 4000, 0]
        monkeypatch.setattr(Control, "_now", lambda _control: float(len(paused)))
        monkeypatch.setattr(Control, "_pause", pause)
        async with client.stream("GET", "/events/stream") as answer:
            await answer.aread()
        assert paused == [PACE, FLOOD_PACE, PACE, FLOOD_PACE]

    async def test_readers_are_bounded(self, client: httpx.AsyncClient) -> None:
        async with asyncio.TaskGroup() as group:
            opened = [client.stream("GET", "/events/stream") for _ in range(STREAMS)]
            answers = [await stream.__aenter__() for stream in opened]
            firsts = [await anext(answer.aiter_lines()) for answer in answers]
            assert len(firsts) == STREAMS
            assert (await client.get("/events/stream")).status_code == 503
            for stream in opened:
                group.create_task(stream.__aexit__(None, None, None))


class TestOthers:
    async def test_connections(self, journal: Journal, client: httpx.AsyncClient) -> None:
        connection = journal.open(("fd00::1", 5, 0, 0), ("fd00::9", 7, 0, 0))
        connection.bytes_in = 3
        connection.facts["noDelay"] = True
        unix = journal.open((), ("/ipc/echo.sock",))
        shown, other = (await client.get("/connections")).json()
        assert (shown["peer"], shown["local"], shown["family"]) == ("[fd00::1]:5", "[fd00::9]:7", "IPv6")
        assert (shown["bytesRead"], shown["bytesWritten"], shown["noDelay"]) == (3, 0, True)
        assert (other["id"], other["family"], other["local"]) == (unix.id, "Unix", "/ipc/echo.sock")

    async def test_health_and_a_route_of_the_roles_own(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/healthz")).json() == {"role": "sample", "healthy": True}
        assert (await client.get("/own")).text == "own"

    async def test_metrics(self, journal: Journal, client: httpx.AsyncClient) -> None:
        journal.open(("10.0.0.1", 5), ("10.0.0.9", 7))
        text = (await client.get("/metrics")).text
        assert 'wireyard_events_total{event="connection",role="sample"} 1.0' in text
        assert 'wireyard_connections_open{role="sample"} 1.0' in text
