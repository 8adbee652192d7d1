"""A tunnel between two recorded transports, and a stream's transport over a recorded session."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.kit.journal import Connection
from services.proxy.reference.stream import StreamTransport
from services.proxy.reference.tunnel import ClientSide, Side, TargetSide, Tunnel


class Recorder(asyncio.Transport):
    """Remembers what was done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.written = b""
        self.full: Callable[[], None] = lambda: None
        """Called at each write, as a protocol's `pause_writing` is when too much waits."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)
        self.full()

    def is_closing(self) -> bool:
        return "close" in self.done or "abort" in self.done

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high

    def __getattribute__(self, name: str) -> Any:
        if name in {"pause_reading", "resume_reading", "write_eof", "close", "abort"}:
            return lambda: self.done.append(name)
        return super().__getattribute__(name)


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def tunnel(ended: list[str]) -> Tunnel:
    client, target = ClientSide(1000), TargetSide(1000)
    client.adopt(Recorder())
    target.connection_made(Recorder())
    connection = Connection(1, ("10.0.0.1", 5), ("10.0.0.9", 7))
    return Tunnel(client, target, connection, lambda tunnel: ended.append(tunnel.reason))


def done(side: Side) -> list[str]:
    """What was done to the transport of `side` since the last look."""
    recorder = cast("Recorder", side.transport)
    seen, recorder.done = recorder.done, []
    return seen


def written(side: Side) -> bytes:
    return cast("Recorder", side.transport).written


class TestTunnel:
    def test_early_data_goes_first(self, tunnel: Tunnel) -> None:
        tunnel.start(b"early")
        tunnel.client.data_received(b" late")
        assert written(tunnel.target) == b"early late"
        assert (done(tunnel.client), done(tunnel.target)) == (["resume_reading"], [])
        assert (tunnel.connection.bytes_in, tunnel.connection.bytes_out) == (10, 0)

    def test_a_target_that_speaks_first_is_heard(self, tunnel: Tunnel) -> None:
        """SSH, SMTP: it is read once, and no more until there is somebody to hear it."""
        assert done(tunnel.target) == []
        tunnel.target.data_received(b"220 ready")
        assert done(tunnel.target) == ["pause_reading"]
        assert tunnel.target.eof_received()
        tunnel.start(b"")
        assert written(tunnel.client) == b"220 ready"
        assert done(tunnel.client)[-1] == "write_eof"
        assert "resume_reading" not in done(tunnel.target)
        assert (tunnel.target.carried, tunnel.connection.bytes_out) == (9, 9)

    def test_early_data_that_is_not_taken_stops_its_sender(self, tunnel: Tunnel) -> None:
        recorder = cast("Recorder", tunnel.target.transport)
        recorder.full = tunnel.target.pause_writing
        tunnel.start(b"more than the target takes")
        assert done(tunnel.client)[-1] == "pause_reading"

    def test_what_a_target_said_early_and_nobody_takes_stops_the_target(self, tunnel: Tunnel) -> None:
        recorder = cast("Recorder", tunnel.client.transport)
        recorder.full = tunnel.client.pause_writing
        tunnel.target.data_received(b"more than the client takes")
        tunnel.start(b"")
        assert done(tunnel.target)[-1] == "pause_reading"

    def test_a_side_that_takes_no_more_stops_the_other(self, tunnel: Tunnel) -> None:
        tunnel.start(b"")
        done(tunnel.client)
        tunnel.target.pause_writing()
        tunnel.target.resume_writing()
        assert done(tunnel.client) == ["pause_reading", "resume_reading"]

    def test_fin_goes_on_and_both_ends_close(self, tunnel: Tunnel, ended: list[str]) -> None:
        tunnel.start(b"")
        for side in (tunnel.client, tunnel.target):
            done(side)
        assert tunnel.client.eof_received()
        assert (done(tunnel.client), done(tunnel.target)) == ([], ["write_eof"])
        assert tunnel.target.eof_received()
        assert (done(tunnel.client), done(tunnel.target)) == (["close"], ["close"])
        tunnel.client.connection_lost(None)
        tunnel.target.connection_lost(None)
        assert ended == ["end"]

    def test_an_ended_tunnel_leaves_nothing_to_the_collector_of_cycles(self) -> None:
        """Thousands are opened a second: looking for what they left would cost a twentieth of each."""
        client, target = ClientSide(1000), TargetSide(1000)
        client.adopt(Recorder())
        target.connection_made(Recorder())
        tunnel = Tunnel(client, target, Connection(1, (), ()), lambda _: None)
        tunnel.start(b"")
        gone = [weakref.ref(each) for each in (tunnel, client, target)]
        gc.disable()
        try:
            client.connection_lost(None)
            target.connection_lost(None)
            del tunnel, client, target
            assert [each() for each in gone] == [None, None, None]
        finally:
            gc.enable()

    @pytest.mark.parametrize("which", ["client", "target"])
    def test_a_reset_goes_on_as_a_reset(self, tunnel: Tunnel, ended: list[str], which: str) -> None:
        tunnel.start(b"")
        broken, other = tunnel.client, tunnel.target
        if which == "target":
            broken, other = other, broken
        done(other)
        broken.connection_lost(ConnectionResetError())
        assert done(other) == ["abort"]
        other.connection_lost(None)
        assert ended == [f"{which} reset"]

    def test_a_target_that_was_gone_before_is_noticed(self, tunnel: Tunnel, ended: list[str]) -> None:
        tunnel.target.connection_lost(ConnectionResetError())
        tunnel.start(b"")
        assert "abort" in done(tunnel.client)
        tunnel.client.connection_lost(None)
        assert ended == ["target reset"]


class Session:
    """What a stream asks of its session."""

    def __init__(self) -> None:
        self.full: set[StreamTransport] = set()
        self.given: list[int] = []
        self.sent: list[tuple[bytes, bool]] = []
        self.waiting = 0
        self.core = SimpleNamespace(send_data=self._send_data)

    def _send_data(self, _stream: int, data: bytes, end_stream: bool = False) -> None:
        self.sent.append((data, end_stream))
        self.waiting += len(data)

    def queued(self, _stream: int) -> int:
        return self.waiting

    def consumed(self, _stream: int, size: int) -> None:
        self.given.append(size)

    def flush_soon(self) -> None:
        """Nothing to write."""


class Told(asyncio.Protocol):
    """Remembers what a stream tells."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def data_received(self, data: bytes) -> None:
        self.told.append(data.decode())

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def stream(session: Session) -> StreamTransport:
    transport = StreamTransport(cast("Any", session), 1)
    transport.set_protocol(Told())
    transport.set_write_buffer_limits(high=100)
    return transport


def told(stream: StreamTransport) -> list[str]:
    return cast("Told", stream.get_protocol()).told


class TestStream:
    def test_what_is_read_is_given_back_at_once(self, stream: StreamTransport, session: Session) -> None:
        stream.arrived(b"a", 9)
        assert (told(stream), session.given) == (["a"], [9])

    def test_while_paused_the_window_stays_shut(self, stream: StreamTransport, session: Session) -> None:
        stream.pause_reading()
        stream.arrived(b"a", 9)
        stream.arrived(b"b", 5)
        assert session.given == []
        stream.resume_reading()
        assert session.given == [14]

    def test_a_full_queue_pauses_and_an_emptier_one_resumes(
        self, stream: StreamTransport, session: Session
    ) -> None:
        stream.write(bytes(101))
        assert (told(stream), session.full) == (["pause"], {stream})
        session.waiting = 26
        stream.drained()
        assert told(stream) == ["pause"]
        session.waiting = 25
        stream.drained()
        assert (told(stream), session.full) == (["pause", "resume"], set())

    def test_the_end_is_sent_once_and_nothing_after_it(
        self, stream: StreamTransport, session: Session
    ) -> None:
        stream.write_eof()
        stream.write(b"late")
        stream.close()
        assert session.sent == [(b"", True)]
        assert stream.is_closing()
