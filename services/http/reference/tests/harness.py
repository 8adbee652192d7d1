"""HTTP/1.1 of the reference in the test's own loop, with limits and routes to order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from clients.http1 import Client, Origin
from services.http.app.routing import Route, Router
from services.http.reference.http1 import Http1
from services.http.reference.plans import Plans
from services.http.reference.settings import HttpSettings
from services.http.reference.site import Site
from services.kit.journal import Filter, Journal


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs, and a client of it."""

    site: Site
    server: asyncio.Server
    client: Client
    journal: Journal

    def events(self, connection: int = 1) -> list[str]:
        """The names of the events of one connection so far, in order."""
        return [record[4] for record in self.journal.select(Filter(connection=connection))]

    async def until(self, event: str, connection: int = 1) -> None:
        """Waits for an event of one connection."""
        wanted = Filter(connection=connection, events=frozenset((event,)))
        assert await self.journal.wait(wanted, 5.0), f"no {event}"

    async def until_empty(self) -> None:
        """Waits until no connection is open."""
        async with asyncio.timeout(5.0):
            await self.site.empty.wait()


@asynccontextmanager
async def serving(*routes: Route, **settings: Any) -> AsyncIterator[Running]:
    """Serves `routes`, or the yard's own, under `settings`."""
    journal = Journal("http1")
    site = Site(HttpSettings(role="http1", port=0, **settings), journal, "http1.wireyard.test")
    plans = Plans(Router(routes) if routes else site.router, site.scheme, site.limits)
    server = await site.loop.create_server(lambda: Http1(site, plans), "127.0.0.1", 0)
    origin = Origin("127.0.0.1", server.sockets[0].getsockname()[1], "http1.wireyard.test")
    try:
        async with Client(origin) as client:
            yield Running(site, server, client, journal)
    finally:
        server.close()
        await site.stop(0.0)


class Recorder(asyncio.Transport):
    """A transport that keeps the pieces of every write."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.writes: list[list[Any]] = []

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever buffered."""

    def write(self, data: Any) -> None:
        self.writes.append([data])

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.writes.append(list(list_of_data))

    def write_eof(self) -> None:
        """The end is in the journal."""

    def is_closing(self) -> bool:
        return False


@asynccontextmanager
async def recorded(*routes: Route, **settings: Any) -> AsyncIterator[tuple[Http1, Recorder]]:
    """One connection, its transport a Recorder: what is read comes by `data_received`."""
    site = Site(HttpSettings(role="http1", port=0, **settings), Journal("http1"), "http1.wireyard.test")
    plans = Plans(Router(routes) if routes else site.router, site.scheme, site.limits)
    http, transport = Http1(site, plans), Recorder()
    http.connection_made(transport)
    yield http, transport
    http.connection_lost(None)
    await site.stop(0.0)
