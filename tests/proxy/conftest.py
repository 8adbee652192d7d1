"""The proxy under test, and who asks it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clients.net.errors import ProxyRefusal
from clients.net.stream import Stream, connect
from clients.tunnel import Proxy, Tunnel, open_tunnel
from lab.topology import Endpoint
from tests.support.control import Control

if TYPE_CHECKING:
    # Imported at run time, it would be loaded before pytest can rewrite its assertions.
    from tests.support.yard import Yard

Open = Callable[..., Awaitable[Stream]]


@pytest.fixture(scope="session")
def proxy(endpoint: Callable[..., Endpoint]) -> Proxy:
    """The proxy's HTTP/1.1 port."""
    where = endpoint("proxy")
    return Proxy(where.address, where.port)


@pytest.fixture(scope="session")
def context(ca: Path) -> ssl.SSLContext:
    """What a client of the yard trusts."""
    return ssl.create_default_context(cafile=ca)


@pytest.fixture(scope="session")
def secure(endpoint: Callable[..., Endpoint], context: ssl.SSLContext) -> Proxy:
    """The proxy's TLS port."""
    where = endpoint("proxy", "tls")
    return Proxy(where.address, where.port, context, where.authority)


@pytest.fixture(scope="session")
def target(endpoint: Callable[..., Endpoint]) -> Callable[..., str]:
    """`target(role, name=False)`: HOST:PORT of a role, by address or by name."""

    def authority(role: str, *, name: bool = False) -> str:
        where = endpoint(role)
        host = where.authority if name else where.address
        return f"{host}:{where.port}"

    return authority


class Tunnels:
    """Opens tunnels, and closes them after the test."""

    def __init__(self, proxy: Proxy, stack: AsyncExitStack) -> None:
        self._proxy, self._stack = proxy, stack

    async def open(self, target: str, *, early: bytes = b"", through: Proxy | None = None) -> Tunnel:
        """A tunnel to `target`."""
        tunnel = await open_tunnel(through or self._proxy, target, early=early)
        await self._stack.enter_async_context(tunnel.stream)
        return tunnel

    async def refused(self, target: str) -> ProxyRefusal:
        """The refusal that `target` meets. Fails when it meets none."""
        with pytest.raises(ProxyRefusal) as caught:
            await self.open(target)
        return caught.value

    async def raw(self, data: bytes = b"") -> Stream:
        """A bare connection to the proxy, with `data` sent."""
        stream = await connect(self._proxy.host, self._proxy.port)
        await self._stack.enter_async_context(stream)
        if data:
            await stream.send(data)
        return stream


@pytest.fixture
async def tunnels(proxy: Proxy) -> AsyncIterator[Tunnels]:
    """Opens tunnels through the proxy under test."""
    async with AsyncExitStack() as stack:
        yield Tunnels(proxy, stack)


@pytest.fixture
def echo_control(yard: Yard) -> Control:
    """The control port of the echo service at the far end; declined where there is none."""
    yard.journal("tcp-echo")
    return Control(yard.endpoint("tcp-echo", "control"))


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer as its bytes say: status, fields by lower-case name, content."""

    status: int
    fields: dict[str, str]
    content: bytes


async def read_answer(stream: Stream) -> Answer:
    """One answer with Content-Length, or without content."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = await stream.receive(1)
        assert piece, f"the connection ended after {head!r}"
        head += piece
    line, *rest = head.decode("latin-1").split("\r\n")
    pairs = (field.partition(":") for field in rest if field)
    fields = {name.lower(): value.strip() for name, _, value in pairs}
    content = await stream.receive_exactly(int(fields.get("content-length", 0)))
    return Answer(int(line.split(" ")[1]), fields, content)
