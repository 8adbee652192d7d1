"""How every service of the yard is, while a page is open: by its control port, or in its own protocol."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from lab.probe import ProbeError, Target, probe
from lab.topology import Service, Topology, View
from services.console.hub import Hub
from services.console.journals import controls

POLL = 1.0
CONSOLE = "console"
_FIGURES = {
    "wireyard_events_total": "events",
    "wireyard_connections_open": "open",
    "process_cpu_seconds_total": "cpu",
}
_UNKNOWN = {"journal": False, "open": None, "rate": None, "cpu": None}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a control port said `at` a moment of the monotonic clock."""

    at: float
    figures: Mapping[str, float]


class Health:
    """Tells the hub of each role, once a POLL while anybody looks.

    `rate` is events a second, `cpu` the share of one core. A service whose control port does not answer may
    be another implementation, which owes none: it is asked in its role's own protocol.
    """

    def __init__(self, topology: Topology, view: View, hub: Hub, ca: str) -> None:
        self._hub = hub
        self._controls = controls(topology, view)
        self._targets = _targets(topology, view, ca)
        self._client = httpx.AsyncClient(timeout=3.0, trust_env=False)

    async def watch(self) -> None:
        """Feeds the hub until it closes."""
        self._hub.state(CONSOLE, healthy=True, reason="", **_UNKNOWN)
        async with self._client, asyncio.TaskGroup() as group:
            for role in {*self._controls, *self._targets}:
                group.create_task(self._watch(role))

    async def _watch(self, role: str) -> None:
        before = None
        while not self._hub.closing.is_set():
            if not self._hub.wanted.is_set():
                before = None  # a rate is of the last POLL, not of the time in which nobody looked
                await self._hub.wanted.wait()
            before = await self._look(role, before)
            await self._hub.breathe(POLL)

    async def _look(self, role: str, before: Reading | None) -> Reading | None:
        """Asks `role` once; what its control port said, if it did."""
        try:
            now = await self._read(role)
        except (httpx.HTTPError, ValueError):
            reason = await self._ask(role)
            self._hub.state(role, healthy=not reason, reason=reason, **_UNKNOWN)
            return None
        facts = _rates(before or now, now)
        self._hub.state(role, healthy=True, reason="", journal=True, open=int(now.figures["open"]), **facts)
        return now

    async def _read(self, role: str) -> Reading:
        if role not in self._controls:
            raise ValueError(f"{role} has no control port")
        answer = await self._client.get(f"{self._controls[role]}/metrics")
        answer.raise_for_status()
        sums = dict.fromkeys(_FIGURES.values(), 0.0)
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                if sample.name in _FIGURES:
                    sums[_FIGURES[sample.name]] += sample.value
        return Reading(time.monotonic(), sums)

    async def _ask(self, role: str) -> str:
        """Why `role` does not answer in its own protocol; empty when it does."""
        if role not in self._targets:
            return "its control port does not answer"
        try:
            await asyncio.to_thread(probe, self._targets[role])
        except ProbeError as error:
            return str(error)
        return ""


def _rates(before: Reading, now: Reading) -> dict[str, float]:
    elapsed = (now.at - before.at) or 1.0
    gained = {name: (value - before.figures[name]) / elapsed for name, value in now.figures.items()}
    return {"rate": round(gained["events"], 1), "cpu": round(gained["cpu"], 3)}


def _targets(topology: Topology, view: View, ca: str) -> dict[str, Target]:
    """Whom to ask: every service with a port that is in reach, but not the console itself."""
    console = topology.services.get(CONSOLE)
    near = {place.network for place in console.attachments} if console else set()
    return {
        service.role: _target(service, view, ca)
        for service in topology.services.values()
        if "main" in service.ports
        and service.role != CONSOLE
        and (view is View.HOST or near & {place.network for place in service.attachments})
    }


def _target(service: Service, view: View, ca: str) -> Target:
    at = service.endpoint(view)
    return Target(service.role, at.address, at.port, at.authority, ca)
