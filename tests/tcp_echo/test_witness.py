"""What the reference tells of its connections, and what can be asked of it at the control port."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients.net.errors import Reset, TimedOut
from clients.tcp import echo
from lab.topology import Endpoint
from tests.support.control import Control, name
from tests.support.journal import Journal
from tests.tcp_echo.conftest import Open
from tests.tcp_echo.test_echo import fill

feature = pytest.mark.feature


class TestJournal:
    """The ordered events of one connection."""

    @feature("journal")
    async def test_connection_end_close(self, opened: Open, journal: Callable[[str], Journal]) -> None:
        """In this order, and the last one counts the bytes."""
        stream = await opened()
        local = stream.local
        await echo(stream, b"12345")
        events = await journal("tcp-echo").of(local)
        assert [event.event for event in events] == ["connection", "end", "close"]
        assert events[-1].data == {"hadError": False, "bytesRead": 5, "bytesWritten": 5}

    @feature("journal")
    async def test_a_reset_is_an_error_before_close(
        self, opened: Open, journal: Callable[[str], Journal]
    ) -> None:
        """As Node's `net.Socket` has it: `error`, then `close` with `hadError`."""
        stream = await opened()
        local = stream.local
        await stream.send(b"x")
        await stream.receive_exactly(1)
        stream.reset()
        events = await journal("tcp-echo").of(local)
        assert [event.event for event in events] == ["connection", "error", "close"]
        assert events[1].data["code"] == "ConnectionResetError"
        assert events[-1].data["hadError"] is True


class TestConnections:
    """What Node's `net.Socket` tells of itself."""

    @feature("connections")
    async def test_addresses_family_bytes_and_options(
        self, opened: Open, control: Control, service: Endpoint
    ) -> None:
        """While the connection is open."""
        stream = await opened()
        await stream.send(b"seven b")
        await stream.receive_exactly(7)
        seen = await control.find(peer=name(stream.local))
        assert (seen["family"], seen["state"]) == ("IPv4", "open")
        assert (seen["bytesRead"], seen["bytesWritten"]) == (7, 7)
        assert seen["local"] == f"{service.address}:{service.port}"
        assert (seen["noDelay"], seen["keepAlive"], seen["keepAliveDelay"]) == (True, True, 60)

    @feature("connections", "back-pressure")
    async def test_a_client_that_does_not_read_is_seen_as_stalled(
        self, opened: Open, control: Control
    ) -> None:
        """And what the service holds for it stays small."""
        stream = await opened(buffer=65_536)
        await fill(stream)
        assert (await control.find(peer=name(stream.local)))["state"] == "stalled"
        stream.reset()


class TestControl:
    """POST /connections/ID/…"""

    @feature("control")
    async def test_pause_and_resume(self, opened: Open, control: Control) -> None:
        """While paused nothing comes back; afterwards everything does."""
        stream = await opened()
        await stream.send(b"1")
        await stream.receive_exactly(1)
        number = (await control.find(peer=name(stream.local)))["id"]
        await control.act(number, "pause")
        await stream.send(b"held")
        stream.within = 0.3
        with pytest.raises(TimedOut):
            await stream.receive()
        assert (await control.find(peer=name(stream.local)))["state"] == "paused"
        await control.act(number, "resume")
        stream.within = 5.0
        assert await stream.receive_exactly(4) == b"held"

    @feature("control")
    async def test_reset_on_demand(self, opened: Open, control: Control) -> None:
        """The client sees a reset, not an end."""
        stream = await opened()
        await stream.send(b"1")
        await stream.receive_exactly(1)
        await control.act((await control.find(peer=name(stream.local)))["id"], "reset")
        with pytest.raises(Reset):
            await stream.receive()
