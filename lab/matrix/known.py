"""Failures of others that are known, with a reason or a link: services/*/swaps/known.yaml.

Each is still a failure; it is told apart from one that nobody has looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.errors import ContractError
from lab.topology import PROJECT

_FIELDS = {"implementation", "roles", "tests", "reason", "link"}


@dataclass(frozen=True, slots=True)
class Known:
    """A failure of `implementation` in `roles` (none: any); in `tests`, identities, `*` is any text."""

    implementation: str
    roles: tuple[str, ...]
    tests: tuple[str, ...]
    reason: str
    link: str = ""

    def covers(self, role: str, implementation: str, test: str) -> bool:
        """Whether the failure of `test` is this one."""
        if implementation != self.implementation or (self.roles and role not in self.roles):
            return False
        return any(re.fullmatch(_pattern(text), test, re.DOTALL) for text in self.tests)


def load(directory: Path = PROJECT) -> tuple[Known, ...]:
    """Every known failure. Raises ContractError naming the file and the entry."""
    return tuple(
        known for file in sorted(directory.glob("services/*/swaps/known.yaml")) for known in _read(file)
    )


def find(known: tuple[Known, ...], role: str, implementation: str, test: str) -> Known | None:
    """The first entry that covers a failure."""
    return next((entry for entry in known if entry.covers(role, implementation, test)), None)


def _read(file: Path) -> Iterator[Known]:
    for number, entry in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")) or (), 1):
        yield _known(f"{file}: entry {number}", entry)


def _known(where: str, entry: Mapping[str, Any]) -> Known:
    unknown = sorted(set(entry) - _FIELDS)
    if unknown:
        raise ContractError(f"{where}: {unknown[0]!r} is none of {', '.join(sorted(_FIELDS))}")
    if not (entry.get("implementation") and entry.get("tests") and entry.get("reason")):
        raise ContractError(f"{where}: implementation, tests and reason are needed")
    roles, tests = tuple(entry.get("roles", ())), tuple(entry["tests"])
    return Known(entry["implementation"], roles, tests, entry["reason"].strip(), entry.get("link", ""))


def _pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("*"))
