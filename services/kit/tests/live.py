"""A service in the test's own loop: started, its port known, stopped at the end."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from services.kit.journal import Filter, Journal
from services.kit.serve import Service
from services.kit.settings import Settings

S = TypeVar("S", bound=Settings)
WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Live:
    """A running service."""

    service: Service
    journal: Journal

    @property
    def port(self) -> int:
        """The port of its first listener."""
        return int(str(self.told("listening")[0]["address"]).rpartition(":")[2])

    def told(self, event: str) -> list[dict[str, Any]]:
        """The data of every `event` so far."""
        wanted = Filter(events=frozenset({event}))
        return [self.journal.told(record) for record in self.journal.select(wanted)]

    def names(self) -> list[str]:
        """The names of all events so far, listeners aside."""
        return [record[4] for record in self.journal.select(Filter()) if record[4] != "listening"]

    async def until(self, event: str, times: int = 1) -> list[dict[str, Any]]:
        """As `told`, once there are that many."""
        async with asyncio.timeout(WITHIN):
            with self.journal.watch() as pulse:
                while len(self.told(event)) < times:
                    pulse.clear()
                    await pulse.wait()
        return self.told(event)


@asynccontextmanager
async def live(build: Callable[[S, Journal], Service], settings: S) -> AsyncIterator[Live]:
    """`build(settings, journal)`, from start to stop."""
    journal = Journal(settings.role)
    service = build(settings, journal)
    await service.start()
    try:
        yield Live(service, journal)
    finally:
        await service.stop(0.2)


def crowd_at(port: int, size: int = 300) -> bool:
    """Whether that many clients connect at once while the loop, which is the caller's own, accepts nobody."""
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.socket()) for _ in range(size)]
        waiting = select.poll()
        for client in clients:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            waiting.register(client, select.POLLOUT)
        return len(waiting.poll(100)) == size
