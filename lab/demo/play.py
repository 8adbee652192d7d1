"""Plays scenes: runs each command, reads the other side's journal, compares both with the tale."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence

from lab.demo.scene import Performance, Played, Scene, Stage, Step, Witness
from lab.errors import LabError

# The lab's own doings, by the words that a person would type.
_MAKE = "make"


class Player:
    """Plays on `stage`; `words` fill the placeholders, `journals` are the witnesses by role."""

    def __init__(self, stage: Stage, words: Mapping[str, object], journals: Mapping[str, Witness]) -> None:
        self._stage, self._words, self._journals = stage, words, journals

    def play(self, scene: Scene) -> Performance:
        """The whole scene."""
        return Performance(scene, tuple(self.step(step) for step in scene.steps))

    def typed(self, step: Step) -> str:
        """The command of `step`, as a person would type it."""
        return step.command.format(**self._words)

    def step(self, step: Step) -> Played:
        """One step, played now. Raises LabError."""
        command = self.typed(step)
        witness = self._journals.get(step.witness) if step.witness else None
        before = witness.last() if witness else 0
        begun = time.monotonic()
        output = self._do(shlex.split(command))
        seconds = time.monotonic() - begun
        events = witness.since(before, step.events) if witness else ()
        missing = [*_absent(step.shows, output)]
        if witness:
            missing += _absent_events(step.events, [str(event["event"]) for event in events])
        return Played(command, output, step.notice, step.witness, events, missing, seconds)

    def _do(self, words: Sequence[str]) -> str:
        if words[0] != _MAKE:
            return self._stage.run(words)
        verb, _, argument = words[1], *words[2].partition("=")[1:]
        if verb == "swap":
            return self._stage.swap(words[2].partition("=")[0], argument)
        if verb == "kill":
            return self._stage.kill(argument)
        raise LabError(f"the demo cannot play {' '.join(words)!r}")


def _absent(wanted: Sequence[str], text: str) -> list[str]:
    """What of `wanted` does not follow, one after the other, in `text`."""
    absent, at = [], 0
    for phrase in wanted:
        found = text.find(phrase, at)
        if found < 0:
            absent.append(phrase)
        else:
            at = found + len(phrase)
    return absent


def _absent_events(wanted: Sequence[str], events: Sequence[str]) -> list[str]:
    left = iter(events)
    return [f"event {name}" for name in wanted if name not in left]
