"""`--wire-marks PORT`: tells a capture where tests begin and how they end (lab/capture/marks.py)."""

from __future__ import annotations

import pytest

from lab.capture import marks
from lab.capture.marks import Mark


def pytest_configure(config: pytest.Config) -> None:
    runs_tests = not config.getoption("numprocesses", None) or hasattr(config, "workerinput")
    port = config.getoption("--wire-marks")
    if port:
        config.pluginmanager.register(Marks(port, runs_tests=runs_tests))


class Marks:
    """Sends the marks of the tests that this process runs; the first process also that of the end."""

    def __init__(self, port: int, *, runs_tests: bool) -> None:
        self._port, self._runs_tests = port, runs_tests
        self._failed: set[str] = set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if self._runs_tests:
            marks.send(Mark("begin", nodeid), self._port)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        if self._runs_tests:
            marks.send(Mark("failed" if nodeid in self._failed else "passed", nodeid), self._port)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):
            marks.send(Mark("end", ""), self._port)
