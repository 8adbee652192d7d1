"""Where the service listens: IPv6, a Unix socket, and loopback of its own machine alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.net.errors import Refused
from clients.tcp import connect, connect_unix, echo
from lab.state import StateDirectory
from lab.topology import Endpoint
from tests.support.yard import Yard

rfc, feature = pytest.mark.rfc, pytest.mark.feature


@feature("ipv6", "echo")
@rfc("9293", "3.9.1")
async def test_over_ipv6(yard: Yard, service: Endpoint) -> None:
    """The same service at its other address."""
    async with await connect(yard.ipv6("tcp-echo"), service.port) as stream:
        assert await echo(stream, b"over IPv6") == b"over IPv6"


@feature("unix")
async def test_over_a_unix_socket(yard: Yard) -> None:
    """Two processes of one machine, and no network between them."""
    yard.journal("tcp-echo")
    path = os.environ.get("WIREYARD_UNIX") or StateDirectory.here().root / "echo.sock"
    async with await connect_unix(str(Path(path))) as stream:
        assert await echo(stream, b"by a path") == b"by a path"


@feature("loopback-only")
async def test_what_listens_on_loopback_is_out_of_reach(
    yard: Yard, endpoint: Callable[..., Endpoint]
) -> None:
    """It listens, says the journal; the neighbour is refused all the same."""
    where = endpoint("tcp-echo", "loopback")
    listening = {event.data["address"] for event in yard.journal("tcp-echo").events(event="listening")}
    assert f"127.0.0.1:{where.port}" in listening
    with pytest.raises(Refused):
        await connect(where.address, where.port)
