"""The TCP echo service under test, and who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from clients.net.stream import Stream, connect
from lab.topology import Endpoint
from tests.support.control import Control

if TYPE_CHECKING:
    # Imported at run time, it would be loaded before pytest can rewrite its assertions.
    from tests.support.yard import Yard

Open = Callable[..., Awaitable[Stream]]


@pytest.fixture(scope="session")
def service(endpoint: Callable[..., Endpoint]) -> Endpoint:
    """Where the tcp-echo role listens."""
    return endpoint("tcp-echo")


@pytest.fixture
async def opened(service: Endpoint) -> AsyncIterator[Open]:
    """`opened(buffer=0)`: a connection to the service, closed after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(*, buffer: int = 0) -> Stream:
            return await stack.enter_async_context(
                await connect(service.address, service.port, buffer=buffer)
            )

        yield open_one


@pytest.fixture
def control(yard: Yard) -> Control:
    """The service's control port; the test is declined where there is none."""
    yard.journal("tcp-echo")
    return Control(yard.endpoint("tcp-echo", "control"))
