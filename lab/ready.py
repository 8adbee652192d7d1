"""The one readiness gate: every service is asked from outside, in its own protocol, until it answers.

Nothing tells a client when a refused port starts to listen, so this is the single place that asks again,
with a growing pause and a bound.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from lab.errors import NotReadyError
from lab.patience import SECOND
from lab.probe import ProbeError, Target, probe
from lab.topology import Service

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.25
# Seconds that one question may take.
ASK_FOR = 2 * SECOND

# What is spoken on the ports beside `main`, by role and name of the port; HTTP/1.1 on every other.
_SPOKEN = {("proxy", "tls"): "https", ("dns", "tls"): "dot"}


@dataclass(frozen=True, slots=True)
class Ready:
    """A service that answered, `seconds` after the gate began to ask."""

    service: str
    seconds: float


def gate(
    services: Iterable[Service],
    ca: Path,
    *,
    within: float,
    gave_up: Callable[[str], str | None],
) -> Iterator[Ready]:
    """Yields each of `services` as it becomes ready, seen from the host.

    `gave_up` names the reason why a service will never answer, or None. Raises NotReadyError for the first
    service that did not answer `within` seconds or has given up.
    """
    begun = time.monotonic()
    over = threading.Event()
    with ThreadPoolExecutor(max_workers=32) as pool:
        asking: dict[Future[None], str] = {}
        for service in services:
            waiter = _Waiter(service.name, targets(service, ca), over, begun + within, gave_up)
            asking[pool.submit(waiter.wait)] = service.name
        try:
            for done in as_completed(asking):
                done.result()
                yield Ready(asking[done], time.monotonic() - begun)
        finally:
            over.set()


def targets(service: Service, ca: Path) -> list[Target]:
    """What to ask of `service` from the host: one target for each of its published ports."""
    return [
        Target(
            role=service.role if name == "main" else _SPOKEN.get((service.role, name), "http1"),
            address=port.host[0],
            port=port.host[1],
            authority=service.authority,
            ca=str(ca),
            seconds=ASK_FOR,
        )
        for name, port in service.ports.items()
        if port.host
    ]


@dataclass(frozen=True, slots=True)
class _Waiter:
    service: str
    targets: list[Target]
    over: threading.Event
    deadline: float
    gave_up: Callable[[str], str | None]

    def wait(self) -> None:
        for target in self.targets:
            self._wait_for(target)

    def _wait_for(self, target: Target) -> None:
        pause = FIRST_PAUSE
        while not self.over.is_set():
            try:
                probe(target)
            except ProbeError as error:
                self._judge(error, asked_long=pause == LONGEST_PAUSE)
            else:
                return
            self.over.wait(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _judge(self, error: ProbeError, *, asked_long: bool) -> None:
        reason = self.gave_up(self.service) if asked_long else None
        if reason:
            raise NotReadyError(f"{self.service} {reason}")
        if time.monotonic() > self.deadline:
            raise NotReadyError(f"{self.service} is not ready: {error}; see `make logs ROLE={self.service}`")
