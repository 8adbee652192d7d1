"""A client for each role that speaks HTTP/1.1."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from clients.http1 import Client, Origin
from lab.topology import Endpoint

ROLES = ("http1", "https", "h2c")
SECURE = frozenset({"https"})


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    """Each role whose port speaks HTTP/1.1."""
    return str(request.param)


@pytest.fixture
def origin(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> Origin:
    """Where the role's service is."""
    where = endpoint(role)
    if role in SECURE:
        return Origin.secure(where.address, where.port, where.authority, ca)
    return Origin(where.address, where.port, where.authority)


@pytest.fixture
async def client(origin: Origin) -> AsyncIterator[Client]:
    """A client of the role's service."""
    async with Client(origin) as client:
        yield client
