"""Puts the implementations of one round in their roles, and what was there before back afterwards.

`.env` is never written: whatever ends a run, what it remembers is what the user chose.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from lab.backends import STOPS_WITHIN
from lab.errors import LabError
from lab.runner import Runner
from lab.selection import Selection
from lab.swap import Judgement, Wish, check, select, stop_and_start, yard_of
from lab.topology import ROLES

T = TypeVar("T")


@dataclass(slots=True)
class Stage:
    """The yard of `runner`; `before` is what the user chose, `now` what is in place."""

    runner: Runner
    before: Selection
    now: Selection

    @classmethod
    def of(cls, runner: Runner, environ: Mapping[str, str] = os.environ) -> Stage:
        """The yard as it is. Raises SwapError."""
        chosen = Selection.read(environ)
        return cls(runner, chosen, chosen)

    def place(self, wishes: Sequence[Wish]) -> Mapping[str, Judgement | LabError]:
        """What the trust gate found in each role; what never answers is taken out again. Raises LabError."""
        chosen, found = self._checked(wishes)
        took = self._become(chosen)
        failed = {role: error for role, error in took.items() if isinstance(error, LabError)}
        for role in failed:
            chosen = chosen.with_swap(role, self.before.file(role))
        _require(self._become(chosen))
        found = {**failed, **found}
        judged = [wish.role for wish in wishes if wish.role not in found]
        stopped = self._at_once(judged, self._stopped)
        ready = {role: seconds for role, seconds in took.items() if not isinstance(seconds, LabError)}
        for role, seconds in stopped.items():
            if isinstance(seconds, LabError):
                found[role] = seconds
            else:
                found[role] = Judgement(ready.get(role, 0.0), seconds)
        return found

    def put_back(self) -> None:
        """Everything as it was. Raises LabError."""
        _require(self._become(self.before))

    def _checked(self, wishes: Sequence[Wish]) -> tuple[Selection, dict[str, Judgement | LabError]]:
        """The selection that fulfils `wishes`, but for those that are wrong."""
        chosen, wrong = self.before, {}
        for wish in wishes:
            try:
                check(wish, select(wish, self.before, self.runner))
            except LabError as error:
                wrong[wish.role] = error
            else:
                chosen = select(wish, chosen, self.runner)
        return chosen, dict(wrong)

    def _become(self, wanted: Selection) -> Mapping[str, float | LabError]:
        """Replaces what differs: the seconds until it answered, or why it does not."""
        changed = [role for role in ROLES if wanted.file(role) != self.now.file(role)]
        self.runner, self.now = self.runner.on(yard_of(wanted)), wanted
        failed = self._unprepared(changed)
        placed = self._at_once([role for role in changed if role not in failed], self._replace)
        return {**failed, **placed}

    def _unprepared(self, roles: Sequence[str]) -> Mapping[str, LabError]:
        """Prepares all at once, which is quicker; one by one to find who is at fault."""
        names = {role: self.runner.topology.service(role).name for role in roles}
        if not names or self._prepare(*names.values()) is None:
            return {}
        found = {role: self._prepare(name) for role, name in names.items()}
        return {role: error for role, error in found.items() if error}

    def _prepare(self, *services: str) -> LabError | None:
        try:
            self.runner.backend.prepare(services)
        except LabError as error:
            return error
        return None

    def _stopped(self, role: str) -> float:
        """The seconds that SIGTERM takes; too long once may be the engine, so the second time counts."""
        seconds = stop_and_start(self.runner, role)
        return seconds if seconds <= STOPS_WITHIN else stop_and_start(self.runner, role)

    def _replace(self, role: str) -> float:
        service, begun = self.runner.topology.service(role), time.monotonic()
        self.runner.backend.place(service.name)
        self.runner.wait([service])
        return time.monotonic() - begun

    def _at_once(self, roles: Sequence[str], work: Callable[[str], float]) -> dict[str, float | LabError]:
        def tried(role: str) -> float | LabError:
            try:
                return work(role)
            except LabError as error:
                return error

        return at_once(roles, tried)


def at_once(roles: Collection[str], work: Callable[[str], T]) -> dict[str, T]:
    """What `work` gives for each role, all asked at the same time: an engine lets each wait."""
    with ThreadPoolExecutor(max_workers=len(ROLES)) as pool:
        return dict(zip(roles, pool.map(work, roles), strict=True))


def _require(done: Mapping[str, float | LabError]) -> None:
    for outcome in done.values():
        if isinstance(outcome, LabError):
            raise outcome
