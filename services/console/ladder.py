"""One connection as both sides saw it: the client's steps and the service's events in one order of time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clients.trace import Step

KEPT = 200
LONGEST = 500
"""Rungs of one ladder: its beginning and its end; nobody reads what lies between."""


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
    found = _shortened(found)
    start = float(found[0]["t"]) if found else 0.0
    for rung in found:
        rung["t"] = round((float(rung["t"]) - start) * 1000, 3)
    return found


def _shortened(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(found) <= LONGEST:
        return found
    half, more = LONGEST // 2, len(found) - LONGEST
    between = {"side": "none", "t": found[half - 1]["t"], "event": f"{more} more", "stream": None, "data": {}}
    return [*found[:half], between, *found[-half:]]


def _of_service(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"side": "service"} | {name: event[name] for name in ("t", "event", "stream", "data")}


def _of_client(step: Step) -> dict[str, Any]:
    data = {name: _plain(value) for name, value in step.data.items() if name != "stream"}
    stream = step.data.get("stream")
    return {"side": "client", "t": step.t, "event": step.event, "stream": stream, "data": data}


def _plain(value: object) -> object:
    """`value` as JSON knows it: octets as text, and in its own words what is nothing of that."""
    match value:
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)
