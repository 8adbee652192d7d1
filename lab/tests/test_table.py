"""What the commands print stands whole in eighty columns, and what is to be typed is never cut."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from lab import table
from lab.backends import State, Status
from lab.state import StateDirectory
from lab.topology import Topology, shipped


@pytest.fixture(scope="module")
def yard() -> Topology:
    return shipped()


def shown(drawn: Table) -> str:
    screen = Console(file=StringIO(), width=80)
    with screen.capture() as capture:
        screen.print(drawn)
    return capture.get()


def test_every_place_of_a_service_is_shown(yard: Topology) -> None:
    text = shown(table.places(yard))
    assert "…" not in text
    for service in yard.services.values():
        if "main" in service.ports:
            addresses = [a for place in service.attachments for a in (place.ipv4, place.ipv6) if a]
            assert [
                one for one in (service.role, service.authority, *addresses) if f"{one} " not in text
            ] == []


def test_a_long_running_yard_and_one_that_fails_fit(yard: Topology) -> None:
    now = {name: Status(name, State.RUNNING, "", 12, 7100, 10**8) for name in yard.services}
    now["dns"] = Status("dns", State.FAILED, "ended with exit code 78, started again 5 times", 5, None, None)
    text = shown(table.services(yard, now, "embedded"))
    assert "…" not in text
    assert "running 118 min" in text
    assert "exit code 78" in " ".join(text.split())


def test_a_command_to_try_is_one_line_whatever_its_length(yard: Topology) -> None:
    lines = table.tries(yard, StateDirectory(Path("/somewhere/far/away")), "embedded").splitlines()
    [secure] = [line for line in lines if line.startswith("https ")]
    assert len(secure) > 80
    assert secure.endswith("'https://https.wireyard.test/todos?name=zhangsan'")
    assert not [line for line in lines if line.startswith("vault")]
