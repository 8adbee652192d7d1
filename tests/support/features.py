"""Features and declines: the markers `feature` and `role`, the option `--role`, and a run's four outcomes.

passed              the contract is kept
failed              it is not
declined            the implementation says, with a reason, that it does not offer it, and it does not
declined but works  it says so and does: a stale decline, reported as failed

A declined test is run all the same: it must fail, and the service must still answer afterwards. Only what the
view hides, or nobody asks of this implementation, may pass. A feature that no CONTRACT.md lists is an error
of collection, whoever names it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from lab import contract, ready
from lab.errors import ContractError, LabError
from lab.patience import SECOND
from lab.probe import ProbeError, Target, probe
from lab.topology import PROJECT, ROLES, View
from tests.support.yard import Yard, open_yard

DECLINED = "declined: "
# Seconds for a test that is expected to fail: nearly all pass in a tenth of that where the feature is there,
# and most that fail wait for what never comes.
DECLINED_WITHIN = 2 * SECOND
SUITE = "tests"


@dataclass(frozen=True, slots=True)
class Declined:
    """Why a test may fail: the feature that is declined, and whether it must fail then (`firm`)."""

    feature: str
    reason: str
    firm: bool


_DECLINED = pytest.StashKey[Declined | None]()


@cache
def _contracts() -> contract.Contracts:
    contracts = contract.load(Path(os.environ.get("WIREYARD_CONTRACTS", PROJECT)))
    contracts.check(_yard().topology)
    return contracts


@cache
def _yard() -> Yard:
    return open_yard()


def pytest_sessionstart() -> None:
    """A topology or contract that is wrong ends the run at once, in one line."""
    try:
        _contracts()
    except LabError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every feature that a test names must be in a contract of its roles."""
    for marker in metafunc.definition.iter_markers("feature"):
        candidates = _roles_of_marker(marker) or _roles_of_definition(metafunc.definition)
        for name in marker.args:
            if not any(name in _contracts().features.get(role, {}) for role in candidates):
                raise ContractError(f"{name!r} is no feature of {' or '.join(candidates) or 'any role'}")


def pytest_itemcollected(item: pytest.Item) -> None:
    """The same for the features that a single set of parameters names."""
    for marker in item.own_markers:
        for name in marker.args if marker.name == "feature" else ():
            if not any(name in _contracts().features.get(role, {}) for role in _roles_of(item, marker)):
                raise pytest.UsageError(f"{item.nodeid}: {name!r} is no feature of its roles")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = set(config.getoption("--role"))
    unknown = sorted(wanted - set(ROLES))
    if unknown:
        raise pytest.UsageError(f"--role: {unknown[0]!r} is none of {', '.join(ROLES)}")
    if wanted:
        left_out = [item for item in items if not wanted & set(roles(item))]
        items[:] = [item for item in items if wanted & set(roles(item))]
        config.hook.pytest_deselected(items=left_out)
    for item in items:
        item.stash[_DECLINED] = max(_declines(item), key=lambda declined: declined.firm, default=None)
        if item.stash[_DECLINED] is not None and config.pluginmanager.hasplugin("timeout"):
            item.add_marker(pytest.mark.timeout(DECLINED_WITHIN, func_only=True))


def roles(item: pytest.Item) -> tuple[str, ...]:
    """The roles that a test judges: its parameter `role`, its marker `role`, or its folder."""
    callspec = getattr(item, "callspec", None)
    if callspec is not None and callspec.params.get("role") in ROLES:
        return (callspec.params["role"],)
    return _roles_of_definition(item)


def _roles_of_definition(item: pytest.Item) -> tuple[str, ...]:
    marker = item.get_closest_marker("role")
    return tuple(marker.args) if marker else _roles_of_folder(item)


def _roles_of_folder(item: pytest.Item) -> tuple[str, ...]:
    parts = item.path.parts
    folder = parts[parts.index(SUITE) + 1] if SUITE in parts else ""
    role = folder.replace("_", "-")
    return (role,) if role in ROLES else _contracts().folders.get(folder, ())


def _roles_of(item: pytest.Item, marker: pytest.Mark) -> tuple[str, ...]:
    return _roles_of_marker(marker) or roles(item)


def _roles_of_marker(marker: pytest.Mark) -> tuple[str, ...]:
    role = marker.kwargs.get("role")
    return (role,) if role else ()


def _declines(item: pytest.Item) -> Iterator[Declined]:
    for marker in item.iter_markers("feature"):
        for role in _roles_of(item, marker):
            own, hidden = _own_declines(role), _yard().declines
            yield from (Declined(n, own[n].reason, own[n].firm) for n in marker.args if n in own)
            yield from (Declined(n, hidden[n], firm=False) for n in marker.args if n in hidden)


@cache
def _own_declines(role: str) -> Mapping[str, contract.Decline]:
    return _contracts().declines(_yard().service(role), embedded=_yard().embedded)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    declined = item.stash.get(_DECLINED, None)
    with _told_briefly(item.config) if declined else nullcontext():
        report = yield
    if declined and not report.skipped and (call.when == "call" or (call.when == "setup" and report.failed)):
        _judge(item, report, declined)
    if report.skipped and DECLINED in str(report.longrepr):
        report.user_properties.append(("declined", _reason(report)))
    return report


@contextmanager
def _told_briefly(config: pytest.Config) -> Iterator[None]:
    """Failures without their traceback: pytest reads whole sources for one, and a decline shows none."""
    before, config.option.tbstyle = config.option.tbstyle, "value"
    try:
        yield
    finally:
        config.option.tbstyle = before


def _judge(item: pytest.Item, report: pytest.TestReport, declined: Declined) -> None:
    """Turns the outcome of a declined test round; what is not declined firmly may well pass."""
    if report.passed and not declined.firm:
        return
    if report.passed:
        report.user_properties.append(("stale", declined.feature))
        report.outcome = "failed"
        report.longrepr = f"stale decline: {declined.feature} works, yet it is declined: {declined.reason}"
        return
    trouble = _unwell(item)
    if trouble:
        report.sections.append(("declined, but not refused cleanly", trouble))
        return
    report.outcome = "skipped"
    line = item.location[1] or 0
    report.longrepr = (str(item.path), line + 1, f"{DECLINED}{declined.feature}: {declined.reason}")


def _unwell(item: pytest.Item) -> str | None:
    """What is wrong with the services of a declined test, if they no longer answer."""
    for role in roles(item):
        try:
            probe(_target(role))
        except ProbeError as error:
            return str(error)
    return None


def _target(role: str) -> Target:
    yard = _yard()
    if yard.view is View.HOST:
        return ready.targets(yard.service(role), yard.ca)[0]
    where = yard.topology.endpoint(role, yard.view)
    return Target(role, where.address, where.port, where.authority, str(yard.ca))


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.partition(DECLINED)[2]


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    if report.skipped and any(name == "declined" for name, _ in report.user_properties):
        return "declined", "d", "DECLINED"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Every decline with its reason and the number of tests that it covers."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("declined", ()):
        reason = str(dict(report.user_properties)["declined"])
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("declined")
        for reason, count in sorted(reasons.items()):
            terminalreporter.write_line(f"{count:5}  {reason}")
