"""What all connections of one HTTP service share: its application, its journal, its clock and its limits."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import Protocol

from services.http.app.exchange import Server
from services.http.app.routes import ROUTER
from services.http.reference.settings import HttpSettings
from services.kit.journal import Journal

TICK = 0.25
"""Seconds between two looks at the deadlines, and at the clock."""


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
        self.openings: dict[int, bytes] = {}
        """Status -> status line and Date of an HTTP/1.1 response, good for the current second."""
        self._second = 0
        self._tick()

    def join(self, connection: Served) -> None:
        """A connection is open."""
        self.connections.add(connection)

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
