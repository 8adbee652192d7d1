"""The table of RFC clauses that ends a run: for each, how many of its tests passed, failed, were declined."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pytest

_RFC, _SECTION = re.compile(r"\d{3,5}"), re.compile(r"[A-Z\d]+(\.\d+)*")
_OUTCOMES = ("passed", "failed", "error", "declined")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Notes the clauses of each test in its report, where parallel runs and JUnit find them."""
    for marker in item.iter_markers("rfc"):
        number, section = marker.args
        if not _RFC.fullmatch(number) or not _SECTION.fullmatch(section):
            raise pytest.UsageError(f"{item.nodeid}: rfc({number!r}, {section!r}) names no clause")
        item.user_properties.append(("rfc", f"{number} {section}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    clauses = _count(terminalreporter)
    if not clauses:
        return
    terminalreporter.section("clauses")
    terminalreporter.write_line(f"{'':20}{'passed':>8}{'failed':>8}{'declined':>10}")
    for clause in sorted(clauses, key=_order):
        count = clauses[clause]
        failed = count["failed"] + count["error"]
        line = (
            f"{'RFC ' + clause:20}{count['passed'] or '·':>8}{failed or '·':>8}{count['declined'] or '·':>10}"
        )
        terminalreporter.write_line(line, red=bool(failed))


def _count(terminalreporter: pytest.TerminalReporter) -> dict[str, Counter[str]]:
    clauses: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in _OUTCOMES:
        for report in terminalreporter.stats.get(outcome, ()):
            for clause in _clauses(report):
                clauses[clause][outcome] += 1
    return clauses


def _clauses(report: object) -> Iterator[str]:
    properties: Iterable[tuple[str, object]] = getattr(report, "user_properties", ())
    return (str(value) for name, value in properties if name == "rfc")


def _order(clause: str) -> tuple[int, list[tuple[int, str]]]:
    number, _, section = clause.partition(" ")
    return int(number), [(int(part), "") if part.isdigit() else (0, part) for part in section.split(".")]
