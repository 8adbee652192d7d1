"""What all connections of one HTTP service share: its application, its journal, its clock and its limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Protocol, TypeVarTuple

from services.http.app.errors import Refused
from services.http.app.exchange import Server
from services.http.app.message import Request, Response, problem
from services.http.app.routes import ROUTER
from services.http.reference.settings import HttpSettings
from services.kit.journal import Connection, Journal

Ts = TypeVarTuple("Ts")
TICK = 0.25
"""Seconds between two looks at the deadlines, and at the clock."""


class Upgrade(Protocol):
    """Takes a connection over from HTTP/1.1, or leaves it there."""

    def __call__(
        self, transport: asyncio.Transport, connection: Connection, request: Request
    ) -> asyncio.Protocol | None:
        """The protocol that has the connection now, or None."""
        ...


class Served(Protocol):
    """One connection, as the site sees it."""

    deadline: float

    def expired(self) -> None:
        """Its deadline has passed."""
        ...

    def retire(self) -> None:
        """The service stops: finish what is in flight, and close."""
        ...

    def kill(self) -> None:
        """Close now."""
        ...


class Site:
    """One HTTP service. `now` is the loop's time, no more than a TICK old."""

    def __init__(self, settings: HttpSettings, journal: Journal, authority: str) -> None:
        self.settings = settings
        self.limits = settings.limits()
        self.journal = journal
        self.router = ROUTER
        self.scheme = "https" if settings.role in ("https", "h2") else "http"
        self.server = Server(settings.role, authority, "reference", journal)
        self.connections: set[Served] = set()
        self.stopping = False
        self.loop = asyncio.get_running_loop()
        self.empty = asyncio.Event()
        self.h2c: Upgrade | None = None
        """What `Upgrade: h2c` leads to, where the role has it."""
        self.openings: dict[int, bytes] = {}
        """Status -> status line and Date of an HTTP/1.1 response, good for the current second."""
        most = b", max=%d" % settings.requests if settings.requests else b""
        self.kept = b"connection: keep-alive\r\nkeep-alive: timeout=%d%b\r\n" % (settings.idle_within, most)
        self.encoding = f"h1 {self.kept!r}"
        """The key of Response.encoded: what this site's connections make of a response."""
        self._second = 0
        self._tick()

    def run(
        self, handler: Callable[[*Ts], Response], connection: Connection, stream: int, *asked: *Ts
    ) -> Response:
        """The response of a handler that needs no exchange; its refusals and failures are responses too."""
        try:
            return handler(*asked)
        except Refused as refused:
            return problem(refused.status, refused.problem, refused.fields)
        except Exception as error:  # noqa: BLE001 - a handler's bug costs its own request only
            self.journal.emit("error", connection, stream, {"error": repr(error)})
            return problem(500, "the handler failed")

    def join(self, connection: Served) -> bool:
        """A connection is open; False when it is one too many, and has to close."""
        if len(self.connections) >= self.settings.connections:
            return False
        self.connections.add(connection)
        return True

    def leave(self, connection: Served) -> None:
        """A connection is closed."""
        self.connections.discard(connection)
        if not self.connections:
            self.empty.set()

    async def stop(self, within: float) -> None:
        """Finishes what is in flight for at most `within` seconds, then closes the rest."""
        self.stopping = True
        for connection in list(self.connections):
            connection.retire()
        if self.connections:
            self.empty.clear()
            try:
                async with asyncio.timeout(within):
                    await self.empty.wait()
            except TimeoutError:
                for connection in list(self.connections):
                    connection.kill()
        self._timer.cancel()

    def _tick(self) -> None:
        self._timer = self.loop.call_later(TICK, self._tick)
        self.now = now = self.loop.time()
        second = int(time.time())
        if second != self._second:
            self._second = second
            self.date = formatdate(second, usegmt=True).encode("ascii")
            self.openings.clear()
        for connection in [each for each in self.connections if each.deadline <= now]:
            connection.expired()
