"""`vault` stands on the private network alone: a tunnel reaches it, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients.net.errors import Refused, TimedOut, Unreachable
from clients.net.stream import connect
from lab.patience import SECOND
from lab.topology import Endpoint
from tests.proxy.conftest import Tunnels, read_answer

# How long a direct connection is tried; packets that are dropped are never answered.
WITHIN = 2 * SECOND


@pytest.mark.feature("connect", "names")
async def test_a_tunnel_reaches_it_by_name(tunnels: Tunnels, target: Callable[..., str]) -> None:
    tunnel = await tunnels.open(target("vault", name=True))
    await tunnel.stream.send(b"GET / HTTP/1.1\r\nHost: vault.wireyard.test\r\n\r\n")
    answer = await read_answer(tunnel.stream)
    assert answer.status == 200
    assert b'"role":"vault"' in answer.content


@pytest.mark.feature("isolation")
async def test_no_direct_connection_reaches_it(endpoint: Callable[..., Endpoint]) -> None:
    vault = endpoint("vault")
    with pytest.raises((Refused, TimedOut, Unreachable)):
        async with await connect(vault.address, vault.port, within=WITHIN):
            pass
