"""One connection as both sides saw it: the client's steps and the service's events in one order of time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clients.trace import Step

KEPT = 200


class Traces:
    """What the yard's own clients did when the page asked them, by their local address; KEPT of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Step, ...]] = OrderedDict()

    def keep(self, steps: Iterable[Step]) -> None:
        """Remembers the steps under every local address they were taken from."""
        taken = tuple(steps)
        for local in {step.local for step in taken if step.local}:
            self._kept[local] = taken
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def of(self, peer: str) -> Sequence[Step]:
        """The steps of the client that the service knows as `peer`."""
        return self._kept.get(peer, ())


def rungs(events: Sequence[Mapping[str, Any]], steps: Sequence[Step]) -> list[dict[str, object]]:
    """The ladder: `{"side", "t", "event", "stream", "data"}`, `t` in milliseconds from the first rung."""
    found = [_of_service(event) for event in events] + [_of_client(step) for step in steps]
    found.sort(key=lambda rung: float(rung["t"]))
    start = float(found[0]["t"]) if found else 0.0
    for rung in found:
        rung["t"] = round((float(rung["t"]) - start) * 1000, 3)
    return found


def _of_service(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"side": "service"} | {name: event[name] for name in ("t", "event", "stream", "data")}


def _of_client(step: Step) -> dict[str, Any]:
    data = {
        name: value if isinstance(value, int | float) else str(value) for name, value in step.data.items()
    }
    return {"side": "client", "t": step.t, "event": step.event, "stream": data.get("stream"), "data": data}
