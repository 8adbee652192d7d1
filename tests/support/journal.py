"""Reads a service's journal from its control port, for the connection that a test made itself."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from lab.patience import SECOND
from lab.topology import Endpoint

# Seconds until an event must have been written; the control port long-polls, nothing is asked in a loop.
WITHIN = 5 * SECOND
# The same where the journal is declined: what such a service tells at all, it tells at once.
DECLINED_WITHIN = 0.5 * SECOND


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a journal, as the control port tells it (`told`); `t` is seconds, monotonic."""

    seq: int
    t: float
    at: datetime
    event: str
    connection: int | None
    stream: int | None
    data: Mapping[str, Any]
    peer: str | None
    told: Mapping[str, Any]


class Journal:
    """The journal of one service, whose events are waited for `within` seconds."""

    def __init__(self, control: Endpoint, within: float = WITHIN) -> None:
        self._control, self._within = control, within

    async def of(self, peer: Sequence[Any], *, until: str = "close", streams: bool = True) -> list[Event]:
        """The events of the newest connection from `peer` (a socket's own name), in order.

        Waits until the connection itself (not one of its streams) shows `until`. With `streams` false, only
        what belongs to the connection is given. Raises AssertionError when `until` does not come in time; the
        error shows what did.
        """
        return await asyncio.to_thread(self.read, peer, until, streams=streams)

    def read(self, peer: Sequence[Any], until: str, *, streams: bool) -> list[Event]:
        """The same as `of`, blocking."""
        name = f"[{peer[0]}]:{peer[1]}" if ":" in str(peer[0]) else f"{peer[0]}:{peer[1]}"
        deadline = time.monotonic() + self._within
        events: list[Event] = []
        while not any(e.event == until and e.stream is None for e in _newest(events)):
            left = deadline - time.monotonic()
            if left <= 0:
                names = [event.event for event in _newest(events)]
                raise AssertionError(f"no {until!r} of {name} in {self._within} s, only {names}")
            since = events[-1].seq if events else 0
            events += self.events(peer=name, since=since, wait=round(left, 3))
        return [event for event in _newest(events) if streams or event.stream is None]

    def events(self, **query: object) -> list[Event]:
        """One request of /events with `query`; blocking."""
        connection = http.client.HTTPConnection(self._control.address, self._control.port, timeout=40)
        try:
            connection.request("GET", f"/events?{urlencode(query)}")
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        assert answer.status == 200, body
        return [_event(json.loads(line)) for line in body.splitlines()]


def _event(line: Mapping[str, Any]) -> Event:
    return Event(
        seq=line["seq"],
        t=line["t"],
        at=datetime.fromisoformat(line["at"]),
        event=line["event"],
        connection=line.get("connection"),
        stream=line.get("stream"),
        data=line.get("data") or {},
        peer=line.get("peer"),
        told=line,
    )


def _newest(events: Sequence[Event]) -> list[Event]:
    """Those of the last connection: the kernel gives a port number again after a while."""
    last = events[-1].connection if events else None
    return [event for event in events if event.connection == last]
