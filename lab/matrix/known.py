"""Failures of others that are known, with a reason or a link: services/*/swaps/known*.yaml.

Each is still a failure; it is told apart from one that nobody has looked at. Every test is named:

    - implementation: socat
      roles: [udp-echo]            # left out: any
      sometimes: true              # it fails now and then; left out: each time
      reason: socat takes an empty datagram for the end of its input.
      tests:
        tests/udp_echo/test_echo.py::TestEcho::test_boundaries_are_kept:     # the test
        tests/udp_echo/test_echo.py::TestEcho::test_each_size_comes_back_whole: ["0"]  # these of its cases

A case is what stands in brackets behind the test's name, without the role. What fails each time and passes
after all has outlived its entry, which is told; what fails now and then, for the reason given, may pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.errors import ContractError
from lab.matrix.model import Outcome, Run
from lab.topology import PROJECT, ROLES

_FIELDS = {"implementation", "roles", "sometimes", "tests", "reason", "link"}


@dataclass(frozen=True, slots=True)
class Known:
    """A failure of `implementation` in `roles` (none: any); `tests` are identities without the role."""

    implementation: str
    roles: tuple[str, ...]
    tests: frozenset[str]
    reason: str
    link: str = ""
    sometimes: bool = False

    def covers(self, role: str, implementation: str, test: str) -> bool:
        """Whether the failure of `test` is this one."""
        if implementation != self.implementation or (self.roles and role not in self.roles):
            return False
        return without_role(test, role) in self.tests


def without_role(test: str, role: str) -> str:
    """The identity of a test in whatever role: `[http1-a case]` and `[a case-h2]` lose theirs."""
    name, bracket, case = test.partition("[")
    case = case.removesuffix("]")
    if case == role:
        return name
    for part in (f"{role}-", f"{role}: "):
        case = case.removeprefix(part)
    case = case.removesuffix(f"-{role}")
    return f"{name}[{case}]" if bracket else name


def load(directory: Path = PROJECT) -> tuple[Known, ...]:
    """Every known failure. Raises ContractError naming the file and the entry."""
    return tuple(
        known for file in sorted(directory.glob("services/*/swaps/known*.yaml")) for known in _read(file)
    )


def find(known: Iterable[Known], role: str, implementation: str, test: str) -> Known | None:
    """The first entry that covers a failure."""
    return next((entry for entry in known if entry.covers(role, implementation, test)), None)


def outlived(known: Iterable[Known], runs: Iterable[Run]) -> Iterator[str]:
    """`IMPLEMENTATION: TEST` for each that should fail each time and passed, if all its roles were judged."""
    found: dict[tuple[str, str], dict[str, Outcome]] = {}
    for run in runs:
        for test in run.tests:
            case = (run.implementation, without_role(test.id, run.role))
            found.setdefault(case, {})[run.role] = test.outcome
    for entry in (entry for entry in known if not entry.sometimes):
        for name in sorted(entry.tests):
            outcomes = found.get((entry.implementation, name), {})
            if set(entry.roles) <= outcomes.keys() and set(outcomes.values()) == {Outcome.PASSED}:
                yield f"{entry.implementation}: {name}"


def _read(file: Path) -> Iterator[Known]:
    told = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for number, entry in enumerate(told or (), 1):
        yield _known(f"{file}: entry {number}", entry)


def _known(where: str, entry: Mapping[str, Any]) -> Known:
    unknown = sorted(set(entry) - _FIELDS)
    if unknown:
        raise ContractError(f"{where}: {unknown[0]!r} is none of {', '.join(sorted(_FIELDS))}")
    if not (entry.get("implementation") and entry.get("tests") and entry.get("reason")):
        raise ContractError(f"{where}: implementation, tests and reason are needed")
    roles = tuple(entry.get("roles", ()))
    strange = sorted(set(roles) - set(ROLES))
    if strange:
        raise ContractError(f"{where}: {strange[0]!r} is no role")
    sometimes = entry.get("sometimes", False)
    if not isinstance(sometimes, bool):
        raise ContractError(f"{where}: sometimes is true or false")
    tests = frozenset(_identities(where, entry["tests"]))
    reason, link = entry["reason"].strip(), entry.get("link", "")
    return Known(entry["implementation"], roles, tests, reason, link, sometimes)


def _identities(where: str, tests: Any) -> Iterator[str]:
    if not isinstance(tests, dict) or not all(
        cases is None or isinstance(cases, list) for cases in tests.values()
    ):
        raise ContractError(f"{where}: tests maps each test to a list of its cases, or to nothing")
    for test, cases in tests.items():
        yield from (f"{test}[{case}]" for case in cases) if cases else (test,)
