"""`vault` stands on the inner network: a tunnel reaches it, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients.net.errors import NetError
from clients.net.stream import connect
from clients.tunnel import Proxy
from lab.topology import Endpoint
from tests.proxy.conftest import Tunnels

feature = pytest.mark.feature

Target = Callable[..., str]
REQUEST = b"GET / HTTP/1.1\r\nHost: vault.wireyard.test\r\nConnection: close\r\n\r\n"


@feature("connect", "names", "tls")
async def test_a_tunnel_reaches_the_vault(tunnels: Tunnels, secure: Proxy, target: Target) -> None:
    """By name, inside TLS to the proxy: a private service through one encrypted connection."""
    stream = (await tunnels.open(target("vault", name=True), through=secure)).stream
    await stream.send(REQUEST)
    assert (await stream.receive()).startswith(b"HTTP/1.1 200 ")


@feature("isolation")
async def test_nobody_else_does(endpoint: Callable[..., Endpoint]) -> None:
    """The way there ends: no route, no answer, or a refusal."""
    where = endpoint("vault")
    with pytest.raises(NetError):
        await reach(where)


async def reach(where: Endpoint) -> None:
    async with await connect(where.address, where.port, within=1.0):
        """Connected, which is enough."""
