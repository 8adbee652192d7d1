"""The server's side of the wire: the events of a session, in their order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients.http2 import Origin, Session, StreamResetError
from tests.http2.raw import Raw
from tests.http2.wire import PREFACE, ping, request, settings
from tests.support.journal import Event, Journal

pytestmark = [pytest.mark.role("h2c", "h2"), pytest.mark.feature("journal-http2")]

Read = Callable[[str], Journal]


async def events_of(journal: Read, role: str, session: Session) -> list[Event]:
    assert session.local is not None
    return await journal(role).of(session.local)


def names(events: list[Event], stream: int | None) -> list[str]:
    return [event.event for event in events if event.stream == stream]


async def test_finish_stream_close_session_close_connection_close(
    origin: Origin, role: str, journal: Read
) -> None:
    async with Session(origin) as session:
        await session.get("/todos?name=lisi")
        await session.post("/todos", b'{"name":"lisi"}')
    events = await events_of(journal, role, session)
    for stream in (1, 3):
        assert names(events, stream) == ["stream", "request", "finish", "close"]
    assert names(events, 0)[0] == "session"
    order = [(event.event, event.stream) for event in events]
    assert order.index(("finish", 3)) < order.index(("close", 3)) < order.index(("close", 0))
    assert order[-1] == ("close", None)
    assert next(event for event in events if event.event == "close").data["rstCode"] == 0


async def test_settings_of_both_sides_by_name(origin: Origin, role: str, journal: Read) -> None:
    async with Session(origin, settings={4: 12_345}) as session:
        await session.get("/todos")
        await session.ping()
    events = {event.event: event.data for event in await events_of(journal, role, session)}
    assert events["remoteSettings"]["INITIAL_WINDOW_SIZE"] == 12_345
    assert events["localSettings"]["ENABLE_CONNECT_PROTOCOL"] == 1
    assert events["session"] == {"alpnProtocol": role, "encrypted": role == "h2"}


async def test_a_stream_that_the_client_resets_is_aborted_with_its_code(
    origin: Origin, role: str, journal: Read
) -> None:
    async with Session(origin) as session:
        call = await session.start("GET", "/delay/5", end=True)
        await call.reset(8)
        await session.ping()
    events = await events_of(journal, role, session)
    assert names(events, 1) == ["stream", "request", "aborted", "close"]
    assert next(e for e in events if (e.stream, e.event) == (1, "close")).data["rstCode"] == 8


async def test_a_stream_that_the_server_resets_tells_its_code(
    origin: Origin, role: str, journal: Read
) -> None:
    async with Session(origin) as session:
        with pytest.raises(StreamResetError):
            await session.get("/h2/reset/7")
    events = await events_of(journal, role, session)
    assert next(e for e in events if (e.stream, e.event) == (1, "close")).data["rstCode"] == 7


async def test_a_malformed_request_is_a_clients_error(
    connect: Callable[[], Raw], role: str, journal: Read
) -> None:
    async with connect() as raw:
        await raw.send(PREFACE + settings() + request(1, (b"connection", b"close")))
        await raw.settle(b"conclude")
        local = raw.local
    events = await journal(role).of(local)
    assert names(events, 1) == ["clientError", "aborted", "close"]


async def test_a_broken_session_tells_code_and_clause(
    connect: Callable[[], Raw], role: str, journal: Read
) -> None:
    async with connect() as raw:
        await raw.send(PREFACE + settings() + ping(b"short"))
        await raw.until(lambda: False)
        local = raw.local
    error = next(e for e in await journal(role).of(local) if e.event == "sessionError")
    assert (error.data["code"], error.data["clause"]) == ("FRAME_SIZE_ERROR", "RFC 9113 6.7")


async def test_goaway_ping_priority_and_push(origin: Origin, role: str, journal: Read) -> None:
    async with Session(origin) as session:
        await session.send_frame(b"\0\0\x05\x02\0\0\0\0\x01" + b"\0\0\0\0" + b"\x63")
        await session.get("/h2/push")
        await session.ping(b"12345678")
        await session.goaway(2, debug=b"enough")
        await session.ping()
    events = {event.event: event.data for event in await events_of(journal, role, session)}
    assert events["priority"] == {"weight": 100, "dependsOn": 0, "exclusive": False}
    assert events["push"]["promised"] == 2
    assert events["goaway"] == {"lastStreamId": 0, "code": "INTERNAL_ERROR", "debug": "enough"}
    assert "ping" in events


async def test_frames_are_told_on_demand(origin: Origin, role: str, journal: Read) -> None:
    async with Session(origin) as session:
        await session.get("/h2/frames?watch=on")
        await session.get("/todos")
        await session.get("/h2/frames?watch=off")
    frames = [event for event in await events_of(journal, role, session) if event.event == "frame"]
    assert ("received", "HEADERS") in [(e.data["direction"], e.data["type"]) for e in frames if e.stream == 3]
    assert ("sent", "DATA") in [(e.data["direction"], e.data["type"]) for e in frames if e.stream == 3]
