"""What the console asks of the services, and when: figures while a page is open, else nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lab import topology as topologies
from lab.topology import View
from services.console.health import Health, Reading
from services.console.hub import Hub

YARD = """
name: one
services:
  http1:
    command: [http1]
    ports: ["127.0.0.1:9:80", "127.0.0.1:9:9077"]
    labels:
      wireyard.role: http1
      wireyard.implementation: reference
      wireyard.authority: http1.wireyard.test
      wireyard.ports.main: 80/tcp
      wireyard.ports.control: 9077/tcp
"""


async def test_no_service_is_asked_while_no_page_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "compose.yaml").write_text(YARD)
    hub, asked = Hub(), asyncio.Event()
    readers: list[bool] = []

    async def figures(_health: Health, _role: str) -> Reading:
        readers.append(hub.wanted.is_set())
        asked.set()
        return Reading(float(len(readers)), {"events": 7.0, "open": 1.0, "cpu": 0.0})

    monkeypatch.setattr(Health, "_read", figures)
    following = asyncio.create_task(
        Health(topologies.load([tmp_path / "compose.yaml"]), View.HOST, hub, "ca.pem").watch()
    )
    for _ in range(100):
        await asyncio.sleep(0)
    batches = hub.batches()
    await anext(batches)
    await asked.wait()
    assert all(readers)
    states = {state["role"]: state for state in (await anext(batches))["states"]}
    facts = {"healthy": True, "reason": "", "journal": True, "open": 1, "rate": 0.0, "cpu": 0.0}
    assert states["http1"] == {"role": "http1"} | facts
    await batches.aclose()
    hub.close()
    await following
