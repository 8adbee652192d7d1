"""What the matrix holds: runs, their tests, and what they come to per feature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from lab.contract import Feature


class Outcome(StrEnum):
    """What became of one test, the worst first: a cell shows the worst of its tests."""

    FAILED = "failed"
    STALE = "stale"
    FLAKY = "flaky"
    PASSED = "passed"
    DECLINED = "declined"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Test:
    """One concrete test, under an identity of its own; `known` is why it fails, each time or `sometimes`."""

    __test__ = False
    id: str
    features: tuple[str, ...]
    clauses: tuple[str, ...]
    outcome: Outcome
    seconds: float
    reason: str = ""
    detail: str = ""
    client: str = ""
    known: str = ""
    link: str = ""
    sometimes: bool = False

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A test as the suite's record tells it."""
        texts = {name: told.get(name, "") for name in ("reason", "detail", "client", "known", "link")}
        lists = tuple(told["features"]), tuple(told["clauses"])
        sometimes = told.get("sometimes", False)
        return cls(
            told["id"], *lists, Outcome(told["outcome"]), told["seconds"], **texts, sometimes=sometimes
        )

    @property
    def explanation(self) -> str:
        """Why it is known to fail, and whether each time; empty if it is not known."""
        often = "known, now and then" if self.sometimes else "known"
        return f"{often}: {self.known}" if self.known else ""


@dataclass(frozen=True, slots=True)
class Run:
    """One implementation in one role. `finding` says why it could not be judged, or is empty."""

    role: str
    implementation: str
    versions: Mapping[str, str]
    image: str
    declines: Mapping[str, str]
    finding: str = ""
    ready: float = 0.0
    stopped: float = 0.0
    seconds: float = 0.0
    log: str = ""
    tests: tuple[Test, ...] = ()

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many tests had each outcome."""
        return Counter(test.outcome for test in self.tests)

    @property
    def unexplained(self) -> tuple[Test, ...]:
        """What failed, or works although it is declined, and no one has looked at."""
        bad = {Outcome.FAILED, Outcome.STALE}
        return tuple(test for test in self.tests if test.outcome in bad and not test.known)

    def of(self, feature: str) -> tuple[Test, ...]:
        """The tests that need `feature`."""
        return tuple(test for test in self.tests if feature in test.features)

    def by(self, client: str) -> tuple[Test, ...]:
        """The tests in which `client` asked."""
        return tuple(test for test in self.tests if test.client == client)

    def with_rerun(self, tests: Sequence[Test]) -> Run:
        """The run where what was unexplained and is fine among `tests`, which ran again, is flaky."""
        fine = {test.id for test in tests if test.outcome in {Outcome.PASSED, Outcome.DECLINED}}
        better = {test.id for test in self.unexplained} & fine
        told = (replace(t, outcome=Outcome.FLAKY) if t.id in better else t for t in self.tests)
        return replace(self, tests=tuple(told))


def worst(tests: Sequence[Test]) -> Outcome | None:
    """What a cell shows; None for no test at all."""
    found = {test.outcome for test in tests}
    return next((outcome for outcome in Outcome if outcome in found), None)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything that one `make matrix` found."""

    began: str
    seconds: float
    backend: str
    commit: str
    features: Mapping[str, Sequence[Feature]]
    runs: tuple[Run, ...]

    def over(self, older: Matrix) -> Matrix:
        """This one, with the runs of `older` that it did not make again, in the order of the older."""
        mine = {(run.role, run.implementation): run for run in self.runs}
        kept = [mine.pop((run.role, run.implementation), run) for run in older.runs]
        return replace(self, features={**older.features, **self.features}, runs=(*kept, *mine.values()))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that were judged, in the yard's order."""
        return tuple(dict.fromkeys(run.role for run in self.runs))

    def of(self, role: str) -> tuple[Run, ...]:
        """The runs of one role."""
        return tuple(run for run in self.runs if run.role == role)

    def tested(self, role: str) -> Iterator[Feature]:
        """The features of `role` that any test of any run needs."""
        seen = {name for run in self.of(role) for test in run.tests for name in test.features}
        return (feature for feature in self.features[role] if feature.name in seen)

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients that asked any role."""
        return tuple(dict.fromkeys(t.client for run in self.runs for t in run.tests if t.client))
