"""What a failing test leaves to read: the log and the journal of the services that it asked.

The report shows the newest lines. `--evidence FOLDER` keeps more in FOLDER/TEST/: test.json (who failed, and
when), failure.txt, SERVICE.log and SERVICE.journal.ndjson; a capture of the run adds packets.pcapng. An event
and a packet find each other by peer (address and port) and time.

Logs are files only where the yard is embedded; for containers the runner fetches them after the run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.capture.marks import folder
from lab.state import StateDirectory
from tests.support.features import roles
from tests.support.journal import Event, Journal
from tests.support.yard import Yard

_LENGTHS = pytest.StashKey[dict[Path, int]]()
_BEGUN = pytest.StashKey[datetime]()
LINES = 60
KEPT = 5000
"""Lines of a log, and events of a journal, that are kept of one test."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """What the run before left is gone."""
    kept = session.config.getoption("--evidence")
    if kept and not hasattr(session.config, "workerinput"):
        shutil.rmtree(kept, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Notes how long each log is, so that only what the test caused is shown."""
    logs = StateDirectory.here().logs
    item.stash[_LENGTHS] = {file: file.stat().st_size for file in logs.glob("*.log")}
    item.stash[_BEGUN] = datetime.now(UTC)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    yard = getattr(item, "funcargs", {}).get("yard")
    if report.failed and call.when == "call" and isinstance(yard, Yard):
        asked = sorted({*yard.asked, *roles(item)})
        for role in asked:
            report.sections += _sections(item, yard, role, LINES)
        if item.config.getoption("--evidence"):
            _keep(item, yard, asked, report)
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    yard = getattr(item, "funcargs", {}).get("yard")
    if isinstance(yard, Yard):
        yard.asked.clear()


def _keep(item: pytest.Item, yard: Yard, asked: Sequence[str], report: pytest.TestReport) -> None:
    """Writes the folder of one failed test."""
    own = Path(item.config.getoption("--evidence")) / folder(item.nodeid)
    own.mkdir(parents=True, exist_ok=True)
    services = [yard.service(role).name for role in asked]
    told = {"id": item.nodeid, "began": _iso(item.stash[_BEGUN]), "ended": _iso(datetime.now(UTC))}
    (own / "test.json").write_text(json.dumps({**told, "services": services}, indent=1), encoding="utf-8")
    (own / "failure.txt").write_text(str(report.longrepr), encoding="utf-8")
    for role in asked:
        name = yard.service(role).name
        if written := _written(item, name, KEPT):
            (own / f"{name}.log").write_text(written, encoding="utf-8")
        events = "".join(f"{json.dumps(e.told, ensure_ascii=False)}\n" for e in _events(item, yard, role))
        if events:
            (own / f"{name}.journal.ndjson").write_text(events, encoding="utf-8")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _sections(item: pytest.Item, yard: Yard, role: str, lines: int) -> Iterator[tuple[str, str]]:
    service = yard.service(role)
    written = _written(item, service.name, lines)
    if written:
        yield f"log of {service.name}", written
    if "control" in service.ports and not item.config.getoption("--no-journals"):
        yield f"journal of {service.name}", _journal(item, yard, role)


def _written(item: pytest.Item, service: str, lines: int) -> str:
    """The newest `lines` that the log of `service` has grown by since the test began."""
    log = next((file for file in item.stash[_LENGTHS] if file.stem == service), None)
    if log is None:
        return ""
    length = item.stash[_LENGTHS][log]
    with log.open("rb") as stream:
        stream.seek(length if log.stat().st_size >= length else 0)
        text = stream.read().decode("utf-8", "backslashreplace")
    return "\n".join(text.splitlines()[-lines:])


def _journal(item: pytest.Item, yard: Yard, role: str) -> str:
    try:
        events = _events(item, yard, role)
    except OSError as error:
        return f"the control port does not answer: {error}"
    return "\n".join(_line(event) for event in events[-LINES:]) or "no event since the test began"


def _events(item: pytest.Item, yard: Yard, role: str) -> list[Event]:
    """What the service of `role` noted since the test began. Raises OSError."""
    if "control" not in yard.service(role).ports:
        return []
    journal = Journal(yard.topology.endpoint(role, yard.view, "control"))
    return [event for event in journal.events() if event.at >= item.stash[_BEGUN]][-KEPT:]


def _line(event: Event) -> str:
    stream = "" if event.stream is None else f" stream {event.stream}"
    whose = f"connection {event.connection} of {event.peer}" if event.peer else "no connection"
    return f"{event.at:%H:%M:%S.%f}  {whose}{stream}  {event.event}  {dict(event.data)}"
