"""The name server under test, and who asks it."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import dns.edns
import pytest

from clients.dns import Reply, Resolver, Server, ask, question
from clients.dns.carriers import Transport
from clients.dns.resolver import format_server
from lab.topology import Endpoint
from tests.dns.control import Control

if TYPE_CHECKING:
    from tests.support.yard import Yard

DOMAIN = "wireyard.test."
DNS_OVER_TLS = "dot"  # as ALPN names it, RFC 7858


@pytest.fixture(scope="session")
def server(endpoint: Callable[..., Endpoint]) -> Server:
    """Where the dns role listens."""
    where = endpoint("dns")
    return Server(where.address, where.port, where.authority)


@pytest.fixture
def over_tls(endpoint: Callable[..., Endpoint], ca: Path) -> Server:
    """Where the dns role speaks TLS; zones are transferred there to who names the protocol (RFC 9103 7.1)."""
    where = endpoint("dns", "tls")
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols([DNS_OVER_TLS])
    return Server(where.address, where.port, where.authority, context)


class Ask(Protocol):
    """`query(name, type="A", transport="auto")`: one question; names are relative to the yard's domain."""

    async def __call__(
        self,
        name: str,
        rrtype: str = "A",
        transport: Transport = "auto",
        *,
        payload: int | None = None,
        options: Sequence[dns.edns.Option] = (),
    ) -> Reply: ...


@pytest.fixture
def query(server: Server) -> Ask:
    """Asks the name server under test one question."""

    async def send(
        name: str,
        rrtype: str = "A",
        transport: Transport = "auto",
        *,
        payload: int | None = None,
        options: Sequence[dns.edns.Option] = (),
    ) -> Reply:
        absolute = name if name.endswith(".") else f"{name}.{DOMAIN}"
        return await ask(server, question(absolute, rrtype, payload=payload, options=options), transport)

    return send


@pytest.fixture
async def resolver(server: Server) -> AsyncIterator[Resolver]:
    """A resolver that asks the yard's name server."""
    chosen = Resolver(timeout=2.0, tries=2)
    chosen.set_servers([format_server(server)])
    yield chosen
    chosen.cancel()


@pytest.fixture
def control(yard: Yard) -> Control:
    """The control port; the test is declined where there is none."""
    if "control" not in yard.service("dns").ports:
        pytest.skip(f"declined: run-time: {yard.service('dns').implementation} has no control port")
    return Control(yard.endpoint("dns", "control"))


@pytest.fixture
def unique() -> str:
    """A label that no other test uses."""
    return f"u{secrets.token_hex(6)}"
