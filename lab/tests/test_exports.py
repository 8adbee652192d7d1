"""What other programs and people without the yard are given: the page, and the status as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lab import page, table
from lab.backends import State, Status
from lab.backends.containers import bytes_of
from lab.topology import Topology, shipped


@pytest.fixture(scope="module")
def yard() -> Topology:
    """The one that compose.yaml describes."""
    return shipped()


def test_the_page_tells_every_service_with_its_addresses_and_ports(yard: Topology) -> None:
    html = page.as_html(yard)
    for service in yard.services.values():
        if service.attachments:
            assert f'<tr id="{service.name}">' in html
            assert all(place.ipv4 is None or f"{place.ipv4} <small>" in html for place in service.attachments)
    assert html.count("<svg") == 1


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(yard: Topology) -> None:
    html = page.as_html(yard)
    assert re.findall(r"<(?:script|link|img|iframe)|\b(?:src|href)=|url\(|@import", html) == []


def test_what_a_swap_says_of_itself_is_text(yard: Topology) -> None:
    hostile = "<script>alert(1)</script>"
    ours = yard.services["http1"]
    labels = {**ours.labels, "wireyard.declines.keep-alive": hostile}
    service = replace(ours, implementation=hostile, labels=labels)
    html = page.as_html(replace(yard, services={**yard.services, "http1": service}))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("text", "number"), [("25.5MiB", 26738688), ("1GiB", 2**30), ("512B", 512), ("--", 0), ("1.5KiB", 1536)]
)
def test_the_engines_amounts_are_bytes(text: str, number: int) -> None:
    assert bytes_of(text) == number


def test_the_status_is_told_for_programs(yard: Topology) -> None:
    now = {"http1": Status("http1", State.RUNNING, "healthy", 2, 3.5, 1024)}
    told = json.loads(table.as_json(yard, now, "compose"))
    places = [port.host for port in yard.service("http1").ports.values() if port.host]
    assert told["backend"] == "compose"
    assert told["services"]["http1"] == {
        "role": "http1",
        "implementation": "reference",
        "state": "running",
        "detail": "healthy",
        "restarts": 2,
        "uptime": 3.5,
        "memory": 1024,
        "host": [f"{places[0][0]}:{places[0][1]}"],
        "control": f"{places[1][0]}:{places[1][1]}",
    }
    assert told["services"]["dns"]["state"] == "down"
    assert told["services"]["vault"]["host"] == []


def test_the_page_is_one_file(yard: Topology, tmp_path: Path) -> None:
    file = tmp_path / "yard.html"
    file.write_text(page.as_html(yard), encoding="utf-8")
    assert file.stat().st_size < 100_000
