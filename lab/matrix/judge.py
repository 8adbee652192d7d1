"""Judges what stands on the stage, one round after the other, and tells flaky from failing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from lab import contract
from lab.errors import LabError
from lab.matrix import known
from lab.matrix.model import Outcome, Run, Test
from lab.matrix.stage import Stage, at_once
from lab.matrix.versions import versions
from lab.patience import SECOND
from lab.selection import REFERENCE, Catalogue
from lab.swap import STACK, Judgement, Wish
from lab.topology import ROLES

# Seconds for one test: against a service that leaves a question unanswered, the rest must get its turn.
WITHIN = 20 * SECOND
# The same for one that is known to fail, which mostly is to wait for what never comes.
KNOWN_WITHIN = 2 * SECOND
# Many tests wait for something, so there are more workers than processors; each costs seconds to start, and
# nine tests in ten are of HTTP.
WORKERS, FEW = 8, 4
# What failed runs once more; so many that fail again do so alone, for the crowd may have been the cause.
ALONE = 20
# A time-out ends a test, never its report. Journals are long, and hundreds of tests fail.
_HOW = (
    *("--dist", "worksteal", "-q", "--tb=short", "--evidence=", "--no-journals"),
    *(f"--timeout={WITHIN:.0f}", f"--known-within={KNOWN_WITHIN}", "-o", "timeout_func_only=true"),
)
# Floods, which fell some services: they come last, and by themselves, so that no other test falls with them.
FLOODS = "tests/http2/test_limits.py"
# Lines of the implementation's own log that are kept.
_KEPT = 400


def wishes(only: Sequence[str]) -> list[Wish]:
    """What to judge: `ROLE` is every implementation of it, `ROLE=IMPLEMENTATION` that one; nothing is all."""
    chosen = only or ROLES
    found = []
    for text in chosen:
        wish = Wish.parse(text if "=" in text else f"{text}={REFERENCE}")
        names = [REFERENCE, *Catalogue().implementations(wish.role)]
        found += [wish] if "=" in text else [Wish(wish.role, name) for name in names]
    return found


@dataclass(frozen=True, slots=True)
class Judge:
    """Runs the suite for what is placed on `stage`; `folder` takes the logs."""

    stage: Stage
    folder: Path
    known: tuple[known.Known, ...]
    contracts: contract.Contracts
    files: dict[str, list[str]] = field(default_factory=dict)

    def judge(self, wishes: Sequence[Wish], name: str) -> list[Run]:
        """What became of each test, by role; what the trust gate found instead, where it found something.

        `name` is that of the suite's own log.
        """
        found = self.stage.place(wishes)
        wanted = {wish.role: wish for wish in wishes}
        runs = at_once(wanted, lambda role: self._run(wanted[role], found[role]))
        judged = [run for run in runs.values() if not run.finding]
        if judged:
            runs |= self._tried({run.role: run for run in judged}, self.folder / f"{name}.log")
        return list(runs.values())

    def _run(self, wish: Wish, gate: Judgement | LabError) -> Run:
        if isinstance(gate, LabError):
            return Run(wish.role, wish.implementation, {}, "", {}, finding=str(gate))
        runner = self.stage.runner
        service = runner.topology.service(wish.role)
        declines = self.contracts.declines(service, embedded=runner.backend.name == "embedded")
        return Run(
            wish.role,
            wish.implementation,
            versions(runner, service),
            runner.backend.image(service.name),
            {name: decline.reason for name, decline in declines.items()},
            finding=gate.finding or "",
            ready=round(gate.ready, 3),
            stopped=round(gate.stopped, 3),
            log=f"{wish.role}.{wish.implementation}.log",
        )

    def _tried(self, runs: Mapping[str, Run], file: Path) -> Mapping[str, Run]:
        roles = [f"--role={role}" for role in runs]
        with file.open("wb") as log:
            workers = WORKERS if runs.keys() & set(STACK) else FEW
            tests = self._suite([*roles, f"--ignore={FLOODS}", *self._files(runs)], log, workers)
            if runs.keys() & {"h2c", "h2"}:
                for role, flooded in self._suite([*roles, FLOODS], log, WORKERS).items():
                    tests.setdefault(role, []).extend(flooded)
            found = {role: self._explained(run, tests.get(role, [])) for role, run in runs.items()}
            found = self._again(found, log, workers)
            if sum(len(run.unexplained) for run in found.values()) <= ALONE:
                found = self._again(found, log, 1)
        at_once(found, lambda role: self._keep_log(found[role], file.name))
        return found

    def _again(self, found: dict[str, Run], log: IO[bytes], workers: int) -> dict[str, Run]:
        """The runs after what is unexplained ran once more: what is fine then is flaky."""
        fresh = sorted(test.id for run in found.values() for test in run.unexplained)
        if not fresh:
            return found
        roles = [f"--role={role}" for role in found]
        again = self._suite([*roles, *fresh], log, min(workers, len(fresh)))
        return {role: run.with_rerun(again.get(role, [])) for role, run in found.items()}

    def _keep_log(self, run: Run, suite: str) -> None:
        said = self.stage.runner.backend.excerpt(self.stage.runner.topology.service(run.role).name, _KEPT)
        (self.folder / run.log).write_text(_log(run, said, suite), encoding="utf-8")

    def _files(self, roles: Mapping[str, Run]) -> list[str]:
        """The files that hold tests of `roles`, once that is known."""
        if not set(roles) <= set(self.files):
            return ["tests"]
        return sorted({file for role in roles for file in self.files[role]})

    def _suite(self, words: Sequence[str], log: IO[bytes], workers: int) -> dict[str, list[Test]]:
        """The tests of each role, as they went."""
        file = self.stage.runner.state.outcomes
        file.unlink(missing_ok=True)
        self.stage.runner.backend.test([f"-n{workers}", *_HOW, *words], log, renew=not self.files)
        if not file.is_file():
            raise LabError(f"the suite wrote no results; see {log.name}")
        found: dict[str, list[Test]] = {}
        for told in json.loads(file.read_text(encoding="utf-8"))["tests"]:
            for role in told["roles"]:
                found.setdefault(role, []).append(Test.read(told))
        for role, tests in found.items():
            self.files.setdefault(role, sorted({test.id.partition("::")[0] for test in tests}))
        return found

    def _explained(self, run: Run, tests: Sequence[Test]) -> Run:
        ordered = sorted(tests, key=lambda test: test.id)  # workers end in any order
        told = replace(run, tests=tuple(self._with_reason(run, test) for test in ordered))
        return replace(told, seconds=round(sum(test.seconds for test in tests), 1))

    def _with_reason(self, run: Run, test: Test) -> Test:
        found = known.find(self.known, run.role, run.implementation, test.id)
        if not found or test.outcome is not Outcome.FAILED:
            return test
        return replace(test, known=found.reason, link=found.link, sometimes=found.sometimes)


def _log(run: Run, said: str, suite: str) -> str:
    """What is to be read of one run: its tests, and the last that the implementation said itself."""
    told = [f"{test.outcome:9}{test.seconds:8.3f} s  {test.id}\n{test.detail}".rstrip() for test in run.tests]
    head = f"{run.role}={run.implementation}; the suite's own output, with that of others, is {suite}"
    return "\n".join([head, "", *told, "", f"--- the last {_KEPT} lines of its log", said, ""])
