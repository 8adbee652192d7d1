"""The journals of the yard, read from the control ports: followed live, and asked for single connections."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import httpx
from httpx_sse import EventSource, aconnect_sse
from prometheus_client.parser import text_string_to_metric_families

from lab.errors import TopologyError
from lab.topology import Service, Topology, View
from services.console.errors import NoJournal
from services.console.hub import Hub

log = logging.getLogger(__name__)
RETRY = 0.5
POLL = 1.0


class Journals:
    """Every service of the yard that has a control port in this view."""

    def __init__(self, topology: Topology, view: View, hub: Hub) -> None:
        self._hub = hub
        self._bases = {s.role: base for s in topology.services.values() if (base := _base(s, view))}
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
                group.create_task(self._watch(role, base))

    async def connection(self, role: str, query: dict[str, str]) -> list[dict[str, Any]]:
        """The events that `role` holds of one connection (`peer` or `connection`). Raises NoJournal."""
        base = self._bases.get(role)
        if base is None:
            raise NoJournal(f"{role} keeps no journal")
        try:
            answer = await self._client.get(f"{base}/events", params=query, timeout=3.0)
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
            await self._breathe(RETRY)

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
            if message.event == "gap":
                missed = int(message.data)
                continue
            self._hub.event(json.loads(message.data), missed)
            missed = 0

    async def _watch(self, role: str, base: str) -> None:
        """Health and rates, once a POLL while a page is open: `rate` in events a second, `cpu` of one core."""
        before: dict[str, float] = {}
        then = time.monotonic()
        while not self._hub.closing.is_set():
            if not self._hub.wanted.is_set():
                before = {}  # a rate is of the last POLL, not of the time in which nobody looked
                await self._hub.wanted.wait()
            try:
                now = await self._figures(base)
            except (httpx.HTTPError, ValueError) as error:
                before = {}
                self._hub.state(role, healthy=False, reason=type(error).__name__, open=0, rate=0.0, cpu=0.0)
            else:
                elapsed, then = time.monotonic() - then, time.monotonic()
                rates = {name: (now[name] - before.get(name, now[name])) / elapsed for name in now}
                before = now
                facts = {"rate": round(rates["events"], 1), "cpu": round(rates["cpu"], 3)}
                self._hub.state(role, healthy=True, reason="", open=int(now["open"]), **facts)
            await self._breathe(POLL)

    async def _figures(self, base: str) -> dict[str, float]:
        answer = await self._client.get(f"{base}/metrics", timeout=3.0)
        answer.raise_for_status()
        sums = dict.fromkeys(_FIGURES.values(), 0.0)
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                if sample.name in _FIGURES:
                    sums[_FIGURES[sample.name]] += sample.value
        return sums

    async def _breathe(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hub.closing.wait()
        except TimeoutError:
            return


_FIGURES = {
    "wireyard_events_total": "events",
    "wireyard_connections_open": "open",
    "process_cpu_seconds_total": "cpu",
}


def _base(service: Service, view: View) -> str | None:
    try:
        endpoint = service.endpoint(view, "control")
    except TopologyError:
        return None
    return f"http://{endpoint.address}:{endpoint.port}"
