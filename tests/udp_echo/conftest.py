"""The UDP echo service under test, and who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack

import pytest

from clients.udp import Datagrams, open_datagrams
from lab.topology import Endpoint

Open = Callable[..., Awaitable[Datagrams]]


@pytest.fixture(scope="session")
def service(endpoint: Callable[..., Endpoint]) -> Endpoint:
    """Where the udp-echo role listens."""
    return endpoint("udp-echo")


@pytest.fixture
async def opened(service: Endpoint) -> AsyncIterator[Open]:
    """`opened(connected=True)`: a socket for the service, closed after the test."""
    with ExitStack() as stack:

        async def open_one(*, connected: bool = True) -> Datagrams:
            return stack.enter_context(
                await open_datagrams(service.address, service.port, connected=connected)
            )

        yield open_one
