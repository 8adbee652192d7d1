"""The journals of the yard, read from the control ports: followed live, and asked for one connection."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
from httpx_sse import EventSource, aconnect_sse

from lab.errors import TopologyError
from lab.topology import Service, Topology, View
from services.console.errors import NoJournal
from services.console.hub import Hub

log = logging.getLogger(__name__)
RETRY = 0.5
LONGEST = 500
"""Events of one connection that are asked for; the service makes them while it serves others."""


class Journals:
    """Every service of the yard that has a control port in this view."""

    def __init__(self, topology: Topology, view: View, hub: Hub) -> None:
        self._hub = hub
        self._bases = controls(topology, view)
        limits = httpx.Limits(max_connections=64)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(3.0, read=None), limits=limits, trust_env=False
        )

    @property
    def roles(self) -> frozenset[str]:
        """The roles that keep a journal."""
        return frozenset(self._bases)

    async def follow(self) -> None:
        """Feeds the hub until cancelled."""
        async with self._client, asyncio.TaskGroup() as group:
            for role, base in self._bases.items():
                group.create_task(self._follow(role, base))

    async def connection(self, role: str, query: dict[str, str]) -> list[dict[str, Any]]:
        """The newest events of one connection of `role`, by `peer` or `connection`. Raises NoJournal."""
        base = self._bases.get(role)
        if base is None:
            raise NoJournal(f"{role} keeps no journal")
        try:
            params = query | {"limit": str(LONGEST)}
            answer = await self._client.get(f"{base}/events", params=params, timeout=3.0)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise NoJournal(f"{role}: {error or type(error).__name__}") from error
        return [json.loads(line) for line in answer.text.split("\n") if line]

    async def _follow(self, role: str, base: str) -> None:
        """Reads while a page is open; what one journal does must not end the reading of the others."""
        while not self._hub.closing.is_set():
            await self._hub.wanted.wait()
            try:
                await self._read(role, base)
            except httpx.HTTPError as error:
                log.debug("%s: %s", role, error)
            except Exception:  # told with its traceback; the next journal is read all the same
                log.exception("the journal of %s cannot be read", role)
            await self._hub.breathe(RETRY)

    async def _read(self, role: str, base: str) -> None:
        """Follows the stream to its end, from now on: what came before is asked for, not replayed."""
        newest = await self._client.get(f"{base}/events", params={"event": "-"}, timeout=3.0)
        headers = {"last-event-id": newest.headers.get("wireyard-last", "0")}
        async with aconnect_sse(self._client, "GET", f"{base}/events/stream", headers=headers) as source:
            self._hub.state(role, followed=True)
            try:
                await self._gather(source)
            finally:
                self._hub.state(role, followed=False)

    async def _gather(self, source: EventSource) -> None:
        missed = 0
        async for message in source.aiter_sse():
            if not self._hub.wanted.is_set():
                return
            if not message.data:  # a comment, which says that the service is still there
                continue
            if message.event == "gap":
                missed = int(message.data)
                continue
            self._hub.event(json.loads(message.data), missed)
            missed = 0


def controls(topology: Topology, view: View) -> dict[str, str]:
    """The control port's URL of every role that has one in this view."""
    return {s.role: base for s in topology.services.values() if (base := _base(s, view))}


def _base(service: Service, view: View) -> str | None:
    try:
        endpoint = service.endpoint(view, "control")
    except TopologyError:
        return None
    return f"http://{endpoint.address}:{endpoint.port}"
