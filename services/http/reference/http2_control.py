"""A session in the server's hands: its own PING and SETTINGS, and the priority signals that it got."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque

from services.http.app.errors import ClientGone
from services.http.reference.h2 import Limits, events
from services.http.reference.h2.priority import Dependency
from services.http.reference.http2_events import note
from services.http.reference.http2_link import Link
from services.http.reference.site import Site

_SIGNALS = 256
_PAYLOADS = itertools.count(1)


class Control(Link):
    """What waits for an acknowledgement of the client."""

    def __init__(self, site: Site, limits: Limits) -> None:
        super().__init__(site, limits)
        self.dependencies: dict[int, Dependency] = {}
        """Priority signals of RFC 7540, by stream; the newest ones."""
        self._pings: dict[bytes, asyncio.Future[float]] = {}
        self._changes: deque[asyncio.Future[None]] = deque()
        self._greeted = False

    async def ping(self) -> float:
        """PING, and the seconds until its answer. Raises ClientGone."""
        payload = next(_PAYLOADS).to_bytes(8, "big")
        began = time.monotonic()
        answered: asyncio.Future[float] = self.site.loop.create_future()
        self._pings[payload] = answered
        self.core.ping(payload)
        self.flush_soon()
        return await answered - began

    async def change_settings(self, changes: dict[int, int]) -> None:
        """Settings of ours, until the client has acknowledged them. Raises ConnectionFault, ClientGone."""
        self.core.send_settings(changes)
        acknowledged: asyncio.Future[None] = self.site.loop.create_future()
        self._changes.append(acknowledged)
        self.flush_soon()
        await acknowledged

    def _on_pong(self, event: events.PingAcknowledged) -> None:
        note(self, event)
        answered = self._pings.pop(event.data, None)
        if answered is not None and not answered.done():
            answered.set_result(time.monotonic())

    def _on_acknowledged(self, event: events.SettingsAcknowledged) -> None:
        note(self, event)
        if not self._greeted:
            self._greeted = True  # the settings of our preface, which nobody waits for
        elif self._changes and not (first := self._changes.popleft()).done():
            first.set_result(None)

    def _on_priority(self, event: events.PriorityReceived) -> None:
        note(self, event)
        self.dependencies[event.stream_id] = event.dependency
        if len(self.dependencies) > _SIGNALS:
            self.dependencies.pop(next(iter(self.dependencies)))

    def _abandon(self) -> None:
        waiting: list[asyncio.Future[float] | asyncio.Future[None]] = [*self._pings.values(), *self._changes]
        for each in waiting:
            if not each.done():
                each.set_exception(ClientGone())
