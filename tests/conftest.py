"""Loads the suite's own plug-ins; each says at its head what it adds."""

from __future__ import annotations

import pytest

_PLUGINS = ("yard", "features", "known", "clauses", "evidence", "outcomes", "marks")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--role", action="append", default=[], help="only tests of this role; may be repeated")
    parser.addoption("--no-journals", action="store_true", help="read no journal for a test that fails")
    parser.addoption(
        "--known-within", type=float, default=0.0, help="seconds for a test that is known to fail"
    )
    parser.addoption("--evidence", default="", help="keep what each failed test left below this folder")
    parser.addoption("--wire-marks", type=int, default=0, help="mark tests on the wire, to this port")
    parser.addoption("--outcomes", default="", help="write what became of each test to this JSON file")


def pytest_configure(config: pytest.Config) -> None:
    for name in _PLUGINS:
        config.pluginmanager.import_plugin(f"tests.support.{name}")
