"""What a client did, step by step: the client's side of the wire, as the journal is the service's.

Every client takes a `Trace` and tells it each step as it happens: `resolve`, `connect`, `secureConnect`,
`send`, `receive`, a frame, `end`, `close` … Time is monotonic seconds, the clock of the journal's `t`, so
that on one machine both sides can be laid beside each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the client did or saw. `local` is the client's own ADDRESS:PORT once it has one."""

    t: float
    event: str
    data: Mapping[str, object] = field(default_factory=dict)
    local: str | None = None


def name_of(address: Sequence[object]) -> str:
    """A socket's address as a service's journal writes its peer: ADDRESS:PORT, IPv6 in brackets."""
    host = str(address[0])
    return f"[{host}]:{address[1]}" if ":" in host else f"{host}:{address[1]}"


@dataclass(slots=True)
class Trace:
    """The steps so far, at most LONGEST (later ones are only counted), each also given to `tell` at once."""

    tell: Callable[[Step], None] | None = None
    steps: list[Step] = field(default_factory=list)
    left_out: int = 0
    local: str | None = None

    def step(self, event: str, **data: object) -> None:
        """Records that `event` happened now."""
        step = Step(time.monotonic(), event, data, self.local)
        if len(self.steps) < LONGEST:
            self.steps.append(step)
        else:
            self.left_out += 1
        if self.tell is not None:
            try:
                self.tell(step)
            except BrokenPipeError:  # whoever listened has gone, as `head` does: the work goes on
                self.tell = None
