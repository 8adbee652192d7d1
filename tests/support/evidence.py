"""What a failing test leaves to read: the log and the journal of the services that it asked.

Logs are files only where the yard is embedded; for containers the runner fetches them after the run.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.state import StateDirectory
from tests.support.features import roles
from tests.support.journal import Event, Journal
from tests.support.yard import Yard

_LENGTHS = pytest.StashKey[dict[Path, int]]()
_BEGUN = pytest.StashKey[datetime]()
LINES = 60


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Notes how long each log is, so that only what the test caused is shown."""
    logs = StateDirectory.of(os.environ).logs
    item.stash[_LENGTHS] = {file: file.stat().st_size for file in logs.glob("*.log")}
    item.stash[_BEGUN] = datetime.now(UTC)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    yard = getattr(item, "funcargs", {}).get("yard")
    if report.failed and call.when == "call" and isinstance(yard, Yard):
        for role in sorted({*yard.asked, *roles(item)}):
            report.sections += _sections(item, yard, role)
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    yard = getattr(item, "funcargs", {}).get("yard")
    if isinstance(yard, Yard):
        yard.asked.clear()


def _sections(item: pytest.Item, yard: Yard, role: str) -> Iterator[tuple[str, str]]:
    service = yard.service(role)
    log = next((file for file in item.stash[_LENGTHS] if file.stem == service.name), None)
    written = _since(log, item.stash[_LENGTHS][log]) if log else ""
    if written:
        yield f"log of {service.name}", written
    if "control" in service.ports:
        yield f"journal of {service.name}", _journal(item, yard, role)


def _since(log: Path, length: int) -> str:
    with log.open("rb") as stream:
        stream.seek(length if log.stat().st_size >= length else 0)
        text = stream.read().decode("utf-8", "backslashreplace")
    return "\n".join(text.splitlines()[-LINES:])


def _journal(item: pytest.Item, yard: Yard, role: str) -> str:
    journal = Journal(yard.topology.endpoint(role, yard.view, "control"))
    try:
        events = [event for event in journal.events() if event.at >= item.stash[_BEGUN]]
    except OSError as error:
        return f"the control port does not answer: {error}"
    return "\n".join(_line(event) for event in events[-LINES:]) or "no event since the test began"


def _line(event: Event) -> str:
    stream = "" if event.stream is None else f" stream {event.stream}"
    return f"{event.t:12.6f}  connection {event.connection}{stream}  {event.event}  {dict(event.data)}"
