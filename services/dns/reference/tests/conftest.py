"""A running service for the tests that need one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.dns.reference.service import DNSService
from services.dns.reference.settings import ZONES, DNSSettings
from services.dns.reference.tests.running import Start
from services.kit.journal import Journal
from services.kit.tests.tls_server import issue


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    """A directory of zones that a test may change."""
    for path in ZONES.iterdir():
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
async def start(zones: Path) -> AsyncIterator[Start]:
    """Starts a service on a free port of 127.0.0.1 and stops it in the end."""
    running: list[DNSService] = []

    async def begin(**settings: Any) -> DNSService:
        chosen = DNSSettings(role="dns", port=0, address=("127.0.0.1",), zones=zones, **settings)
        service = DNSService(chosen, Journal("dns"))
        await service.start()
        running.append(service)
        return service

    yield begin
    for service in running:
        await service.stop(1.0)


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the port of DNS over TLS."""
    where = tmp_path_factory.mktemp("certs")
    issue(where)
    return where / "https"
