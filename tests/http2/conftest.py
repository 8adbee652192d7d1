"""Connections to each role that speaks HTTP/2: with a client, or octet by octet."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from clients.http2 import Origin, Session, secure
from lab.topology import Endpoint
from tests.http2.raw import Raw

ROLES = ("h2c", "h2")
SECURE = frozenset({"h2"})


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    """Each role that speaks HTTP/2."""
    return str(request.param)


@pytest.fixture
def origin(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> Origin:
    """Where the role's service is."""
    where = endpoint(role)
    if role in SECURE:
        return secure(where.address, where.port, where.authority, ca)
    return Origin(where.address, where.port, where.authority)


@pytest.fixture
async def session(origin: Origin) -> AsyncIterator[Session]:
    """A session with the role's service."""
    async with Session(origin) as session:
        yield session


@pytest.fixture
def connect(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> Callable[[], Raw]:
    """`connect()`: a connection to the role's service, still to be opened."""
    where = endpoint(role)
    context: ssl.SSLContext | None = None
    if role in SECURE:
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["h2"])
    return lambda: Raw(where, context)
