"""The record of a run, `--outcomes FILE`: each test with its roles, features, clauses, outcome and time.

passed, failed, declined and stale are the outcomes that tests/support/features.py tells apart; `skipped` is
what does not apply here, such as a program that is not installed.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.features import roles
from tests.support.yard import open_yard

# Characters of a failure's text that are kept: the end tells more than the beginning.
KEPT = 6000
_KINDS = {"role": "roles", "feature": "features", "rfc": "clauses"}


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--outcomes")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(file)))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Notes what the test judges in its report, where parallel runs and JUnit find it."""
    item.user_properties += [("role", role) for role in roles(item)]
    names = {name for marker in item.iter_markers("feature") for name in marker.args}
    item.user_properties += [("feature", name) for name in sorted(names)]


class Recorder:
    """Gathers the reports of a run and writes `file` at its end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._began = datetime.now(UTC)
        self._clock = time.monotonic()
        self._tests: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = self._tests.setdefault(report.nodeid, _described(report))
        test["seconds"] = round(test["seconds"] + report.duration, 4)
        if report.when == "call" or not report.passed:
            test |= _outcome(report)

    def pytest_sessionfinish(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._record(), ensure_ascii=False, indent=1), encoding="utf-8")

    def _record(self) -> Mapping[str, Any]:
        services = open_yard().topology.services.values()
        counts: dict[str, Counter[str]] = {}
        for test in self._tests.values():
            for role in test["roles"]:
                counts.setdefault(role, Counter())[test["outcome"]] += 1
        return {
            "began": self._began.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._clock, 2),
            "backend": os.environ.get("WIREYARD_BACKEND", "embedded"),
            "implementations": {s.role: s.implementation for s in services if "main" in s.ports},
            "roles": counts,
            "tests": list(self._tests.values()),
        }


def _described(report: pytest.TestReport) -> dict[str, Any]:
    found = {
        many: [str(value) for name, value in report.user_properties if name == one]
        for one, many in _KINDS.items()
    }
    return {"id": report.nodeid, **found, "outcome": "passed", "seconds": 0.0}


def _outcome(report: pytest.TestReport) -> dict[str, Any]:
    told = dict(report.user_properties)
    kept = {name: str(told[name]) for name in ("client",) if name in told}
    if report.passed:
        return {"outcome": "passed", **kept}
    if "declined" in told:
        return {"outcome": "declined", "reason": str(told["declined"]), **kept}
    if report.skipped:
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return {"outcome": "skipped", "reason": text.removeprefix("Skipped: "), **kept}
    return {"outcome": "stale" if "stale" in told else "failed", "detail": _detail(report), **kept}


def _detail(report: pytest.TestReport) -> str:
    sections = "".join(f"\n--- {title}\n{text}" for title, text in report.sections)
    return str(report.longrepr)[-KEPT:] + sections[:KEPT]
