"""What a scene is made of, as frozen dataclasses; `scenes.toml` holds the table, `play.py` plays it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Stage(Protocol):
    """What a step may use of the yard it is played on."""

    def run(self, words: Sequence[str]) -> str:
        """Runs one command where the clients are; all that it printed."""

    def swap(self, role: str, implementation: str) -> str:
        """Puts an implementation in a role; what happened, in words."""

    def kill(self, role: str) -> str:
        """Ends a service with SIGKILL and waits until it is back; what happened, in words."""


class Witness(Protocol):
    """A journal that a step is compared with."""

    def last(self) -> int:
        """The number of the newest event."""

    def since(self, number: int, wanted: Sequence[str]) -> Sequence[Mapping[str, object]]:
        """The events after `number`, once the last of `wanted` has come or cannot be waited for longer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done, and what a reader should notice.

    `command` is what a person could type: words in which {role.address}, {role.port}, {role.authority} and
    {ca} are filled in, or `make …` for what the lab itself does. `shows` must stand in what it prints, in
    this order. `witness` is the role whose journal is shown beside it, `events` what must stand there.
    """

    command: str
    notice: str
    shows: Sequence[str] = ()
    witness: str | None = None
    events: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """A title, a story of a few lines, and steps."""

    name: str
    title: str
    story: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Played:
    """A step as it went. `missing` lists what should have been seen and was not."""

    command: str
    output: str
    notice: str
    witness: str | None = None
    events: Sequence[Mapping[str, object]] = ()
    missing: Sequence[str] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Performance:
    """A whole scene as it went."""

    scene: Scene
    steps: Sequence[Played] = field(default_factory=tuple)

    @property
    def as_told(self) -> bool:
        """Whether everything that the scene promises was seen."""
        return not any(step.missing for step in self.steps)
