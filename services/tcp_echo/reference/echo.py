"""One echoed connection: what comes goes back, and a slow reader is not read from (RFC 862, RFC 9293)."""

from __future__ import annotations

import asyncio
from typing import cast

from services.kit.crowd import Crowd
from services.kit.journal import Connection, Journal
from services.kit.names import ends
from services.kit.reset import reset
from services.tcp_echo.reference import options
from services.tcp_echo.reference.settings import EchoSettings


class Echo(asyncio.Protocol):
    """One connection. Memory is bounded: one read, and `buffer` bytes that wait for the client.

    Reading stops for either of two reasons: the client does not take its echo (`stalled`), or somebody
    asked at the control port (`held`).
    """

    transport: asyncio.Transport
    connection: Connection

    def __init__(self, settings: EchoSettings, journal: Journal, crowd: Crowd[Echo]) -> None:
        self._settings, self._journal, self._crowd = settings, journal, crowd
        self._stalled = self._held = self._timed_out = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The service has admitted a client."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=self._settings.buffer)
        sock = transport.get_extra_info("socket")
        options.apply(sock, self._settings)
        self.connection = self._journal.open(*ends(transport))
        self.connection.facts = options.report(sock)
        self._crowd.add(self)

    def data_received(self, data: bytes) -> None:
        """RFC 862: any data received is sent back."""
        connection, size = self.connection, len(data)
        connection.bytes_in += size
        connection.bytes_out += size
        self.transport.write(data)

    def eof_received(self) -> bool:
        """The client's FIN. With half-open connections allowed, all it sent comes back before ours."""
        self._journal.emit("end", self.connection)
        self.connection.state = "ending"
        if not self._settings.allow_half_open:
            unsent = self.transport.get_write_buffer_size()
            self.connection.facts["unsent"] = unsent
            self.connection.bytes_out -= unsent
            self.transport.abort()
        return False

    def pause_writing(self) -> None:
        """The client does not read: stop reading from it, so that its own sending stalls."""
        self._stalled = True
        self._choose()

    def resume_writing(self) -> None:
        """The client has read."""
        self._stalled = False
        self._journal.emit("drain", self.connection)
        self._choose()

    def hold(self, held: bool) -> None:
        """Stops or resumes reading on demand."""
        self._held = held
        self._journal.emit("pause" if held else "resume", self.connection)
        self._choose()

    def reset(self) -> None:
        """Ends the connection by RST on demand."""
        self.connection.facts["reset"] = True
        reset(self.transport)

    def moved(self) -> int:
        """A number that changes whenever bytes come."""
        return self.connection.bytes_in

    def quiet(self) -> None:
        """Nothing moved for the idle time-out."""
        if not self._timed_out:
            self._timed_out = True
            self._journal.emit("timeout", self.connection)
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The last of the connection."""
        self._crowd.discard(self)
        if exc is not None:
            self._journal.emit("error", self.connection, None, _error(exc))
        self._journal.close(self.connection, _totals(self.connection, exc))

    def _choose(self) -> None:
        """Reads exactly when neither reason against it holds."""
        if self.transport.is_closing():
            return
        stopped = self._stalled or self._held
        self.connection.state = "stalled" if self._stalled else "paused" if self._held else "open"
        if stopped and self.transport.is_reading():
            self.transport.pause_reading()
        elif not stopped and not self.transport.is_reading():
            self.transport.resume_reading()


def _error(exc: Exception) -> dict[str, object]:
    return {"code": type(exc).__name__, "message": str(exc)}


def _totals(connection: Connection, exc: Exception | None) -> dict[str, object]:
    return {
        "hadError": exc is not None,
        "bytesRead": connection.bytes_in,
        "bytesWritten": connection.bytes_out,
        **{key: connection.facts[key] for key in ("unsent", "reset") if key in connection.facts},
    }
