"""Puts one implementation after the other in its role, runs its tests, and tells flaky from failing."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lab import contract
from lab import swap as swaps
from lab import topology as topologies
from lab.errors import LabError
from lab.matrix import known
from lab.matrix.model import Outcome, Run, Test
from lab.matrix.versions import versions
from lab.runner import Runner
from lab.selection import REFERENCE, Catalogue, Selection
from lab.swap import Wish
from lab.topology import ROLES

# The suite's random tests draw from this when failures run again.
SEED = 1
_HOW = ("-n", "2", "-q", "--tb=short")


def wishes(only: Sequence[str]) -> list[Wish]:
    """What to judge: `ROLE` is every implementation of it, `ROLE=IMPLEMENTATION` that one; nothing is all."""
    chosen = only or ROLES
    found = []
    for text in chosen:
        wish = Wish.parse(text if "=" in text else f"{text}={REFERENCE}")
        names = [REFERENCE, *Catalogue().implementations(wish.role)]
        found += [wish] if "=" in text else [Wish(wish.role, name) for name in names]
    return found


@contextmanager
def as_before(runner: Runner, roles: Sequence[str]) -> Iterator[None]:
    """Puts back in `roles` what filled them, whatever happens."""
    before = Selection.read(os.environ)
    try:
        yield
    finally:
        changed = Selection.read(os.environ).files != before.files
        before.write()
        for role in dict.fromkeys(roles) if changed else ():
            again = runner.on(topologies.load())
            again.backend.replace(again.topology.service(role).name)
            again.wait([again.topology.service(role)])


@dataclass(frozen=True, slots=True)
class Judge:
    """Runs the suite for one wish at a time; `folder` takes the logs."""

    runner: Runner
    folder: Path
    known: tuple[known.Known, ...]
    contracts: contract.Contracts
    files: dict[str, list[str]] = field(default_factory=dict)

    def judge(self, wish: Wish) -> Run:
        """What became of each test; what the trust gate found instead, where it found something."""
        begun = time.monotonic()
        try:
            gate = swaps.swap(wish, self.runner)
        except LabError as error:
            return Run(wish.role, wish.implementation, {}, "", {}, finding=str(error))
        runner = self.runner.on(topologies.load())
        service = runner.topology.service(wish.role)
        declines = self.contracts.declines(service, embedded=runner.backend.name == "embedded")
        run = Run(
            wish.role,
            wish.implementation,
            versions(runner, service),
            runner.backend.image(service.name),
            {name: decline.reason for name, decline in declines.items()},
            finding=(gate.finding if gate else None) or "",
            ready=round(gate.ready, 3) if gate else 0.0,
            stopped=round(gate.stopped, 3) if gate else 0.0,
            log=f"{wish.role}.{wish.implementation}.log",
        )
        judged = run if run.finding else self._tried(run, runner)
        return replace(judged, seconds=round(time.monotonic() - begun, 1))

    def _tried(self, run: Run, runner: Runner) -> Run:
        role = f"--role={run.role}"
        with (self.folder / run.log).open("wb") as log:
            tests = self._suite(runner, [*_HOW, role, *self._files(run.role)], log)
            failed = [test.id for test in tests if test.outcome is Outcome.FAILED]
            run = replace(run, tests=tuple(self._explained(run, test) for test in tests))
            fresh = [test.id for test in run.unexplained if test.id in failed]
            if not fresh:
                return run
            words = [*_HOW, f"--hypothesis-seed={SEED}", role, *fresh]
            again = self._suite(runner, words, log)
        return run.with_rerun([test.id for test in again if test.outcome is Outcome.PASSED])

    def _files(self, role: str) -> list[str]:
        """The files that hold tests of `role`: every other need not be read again for each implementation."""
        if role not in self.files:
            with (self.folder / f"{role}.files").open("w+b") as listed:
                self.runner.backend.test(["--collect-only", "-q", f"--role={role}", "tests"], listed)
                listed.seek(0)
                lines = listed.read().decode("utf-8", "replace").splitlines()
            self.files[role] = sorted({line.partition("::")[0] for line in lines if "::" in line})
        return self.files[role]

    def _suite(self, runner: Runner, words: Sequence[str], log: Any) -> list[Test]:
        file = runner.state.outcomes
        file.unlink(missing_ok=True)
        runner.backend.test(words, log)
        if not file.is_file():
            raise LabError(f"the suite wrote no results; see {log.name}")
        return [Test.read(told) for told in json.loads(file.read_text(encoding="utf-8"))["tests"]]

    def _explained(self, run: Run, test: Test) -> Test:
        if test.outcome is not Outcome.FAILED:
            return test
        found = known.find(self.known, run.role, run.implementation, test.id)
        return replace(test, known=found.reason, link=found.link) if found else test
