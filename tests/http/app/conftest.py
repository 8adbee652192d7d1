"""`fetch`: one request to the role under test; `peer`: all that it can be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from lab.topology import Endpoint
from tests.http.app.peer import Answer, Peer, connect

Fetch = Callable[..., Awaitable[Answer]]
"""`fetch(method, target, fields={}, body=b"")`."""


@pytest.fixture(params=["http1", "https", "h2c", "h2"])
def role(request: pytest.FixtureRequest) -> str:
    """Each role that serves the application."""
    return str(request.param)


@pytest.fixture
async def peer(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> AsyncIterator[Peer]:
    """The role under test."""
    async with connect(role, endpoint, ca) as peer:
        yield peer


@pytest.fixture
def fetch(peer: Peer) -> Fetch:
    """Asks the role under test."""
    return peer.fetch
