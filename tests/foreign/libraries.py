"""How Python libraries and our own clients ask a role: the address is dialled, the authority verified."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.asyncquery
import dns.message
import httpx
import requests
from requests.adapters import HTTPAdapter

from clients.dns import Server, ask, question
from clients.http1 import Client
from clients.http1 import Origin as Origin1
from clients.http2 import Origin, Session, secure
from clients.tcp import connect
from clients.tcp import echo as tcp_echo
from clients.tunnel import Proxy, open_tunnel
from clients.udp import open_datagrams
from lab.topology import Endpoint
from tests.foreign.programs import TODOS
from tests.support.aio import aiohttp_session

LISI = [{"name": "hospital", "introduce": "医院复诊"}]
SECURE = frozenset({"https", "h2"})
OURS = "wireyard"


@dataclass(frozen=True, slots=True)
class Where:
    """What is asked: `role` at `endpoint`, vouched for by `ca`; `vault` is behind a proxy."""

    role: str
    endpoint: Endpoint
    ca: Path
    vault: Endpoint

    @property
    def url(self) -> str:
        """The tutorial's question, to the address."""
        scheme = "https" if self.role in SECURE else "http"
        return f"{scheme}://{self.endpoint.address}:{self.endpoint.port}{TODOS}"

    @property
    def fields(self) -> dict[str, str]:
        """The authority, which is not the address."""
        return {"host": self.endpoint.authority}

    @property
    def hidden(self) -> str:
        """The vault, for whoever comes through a tunnel."""
        return f"vault.wireyard.test:{self.vault.port}"

    def context(self) -> ssl.SSLContext:
        """What a client of the yard trusts; each library sets its own ALPN."""
        return ssl.create_default_context(cafile=self.ca)


async def by_httpx(where: Where) -> Any:
    """httpx; HTTP/2 where the role speaks it."""
    two = where.role in {"h2c", "h2"}
    async with httpx.AsyncClient(verify=where.context(), http1=not two, http2=two, trust_env=False) as client:
        extensions = {"sni_hostname": where.endpoint.authority}
        answer = await client.get(where.url, headers=where.fields, extensions=extensions)
    assert answer.http_version == ("HTTP/2" if two else "HTTP/1.1")
    return answer.json()


async def by_aiohttp(where: Where) -> Any:
    """aiohttp, which speaks HTTP/1.1."""
    name = where.endpoint.authority if where.role in SECURE else None
    async with (
        aiohttp_session() as session,
        session.get(where.url, headers=where.fields, ssl=where.context(), server_hostname=name) as answer,
    ):
        return await answer.json()


class _Named(HTTPAdapter):
    """Verifies `authority`, whatever the URL says."""

    def __init__(self, authority: str) -> None:
        self._authority = authority
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **settings: Any) -> None:
        """With the name that the certificate must have."""
        settings |= {"server_hostname": self._authority, "assert_hostname": self._authority}
        super().init_poolmanager(connections, maxsize, block, **settings)


async def by_requests(where: Where) -> Any:
    """requests, on urllib3."""

    def get() -> Any:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("https://", _Named(where.endpoint.authority))
            return session.get(where.url, headers=where.fields, verify=str(where.ca), timeout=10).json()

    return await asyncio.to_thread(get)


async def by_our_http1(where: Where) -> Any:
    """`clients.http1`, on h11."""
    at = (where.endpoint.address, where.endpoint.port, where.endpoint.authority)
    async with Client(Origin1.secure(*at, where.ca) if where.role in SECURE else Origin1(*at)) as client:
        return (await client.get(TODOS)).json()


async def by_our_http2(where: Where) -> Any:
    """`clients.http2`, on h2."""
    at = (where.endpoint.address, where.endpoint.port, where.endpoint.authority)
    async with Session(secure(*at, where.ca) if where.role in SECURE else Origin(*at)) as session:
        return json.loads((await session.get(TODOS)).body)


async def by_our_tcp(where: Where) -> Any:
    """`clients.tcp`: a mebibyte comes back."""
    async with await connect(where.endpoint.address, where.endpoint.port) as stream:
        return await tcp_echo(stream, bytes(1024) * 1024)


async def by_our_udp(where: Where) -> Any:
    """`clients.udp`: one datagram comes back."""
    with await open_datagrams(where.endpoint.address, where.endpoint.port) as datagrams:
        await datagrams.send(b"one datagram")
        return (await datagrams.receive()).data


async def by_our_tunnel(where: Where) -> Any:
    """`clients.tunnel`: to the vault, which nobody else reaches."""
    tunnel = await open_tunnel(Proxy(where.endpoint.address, where.endpoint.port), where.hidden)
    async with tunnel.stream as stream:
        await stream.send(
            f"GET {TODOS} HTTP/1.1\r\nHost: {where.hidden}\r\nConnection: close\r\n\r\n".encode()
        )
        said = b""
        while piece := await stream.receive():
            said += piece
    return json.loads(said.partition(b"\r\n\r\n")[2])


async def by_our_dns(where: Where) -> Any:
    """`clients.dns`."""
    at = Server(where.endpoint.address, where.endpoint.port, where.endpoint.authority)
    reply = await ask(at, question(f"{where.endpoint.authority}.", "A"))
    return len(reply.values("A"))


async def by_dnspython(where: Where) -> Any:
    """dnspython itself."""
    query = dns.message.make_query(where.endpoint.authority, "A")
    answer = await dns.asyncquery.udp(query, where.endpoint.address, 5, where.endpoint.port)
    return len(answer.answer)


Ask = Callable[[Where], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Library:
    """Who asks which role, the feature that has to be there, and what must come out."""

    client: str
    role: str
    feature: str
    ask: Ask
    expected: Any


_HTTP: Mapping[str, Mapping[str, Ask]] = {
    "http1": {OURS: by_our_http1, "httpx": by_httpx, "aiohttp": by_aiohttp, "requests": by_requests},
    "https": {OURS: by_our_http1, "httpx": by_httpx, "aiohttp": by_aiohttp, "requests": by_requests},
    "h2c": {OURS: by_our_http2, "httpx": by_httpx},
    "h2": {OURS: by_our_http2, "httpx": by_httpx},
}
LIBRARIES = [
    *(
        Library(name, role, "todos", ask_, LISI)
        for role, known in _HTTP.items()
        for name, ask_ in known.items()
    ),
    Library(OURS, "tcp-echo", "echo", by_our_tcp, bytes(1 << 20)),
    Library(OURS, "udp-echo", "echo", by_our_udp, b"one datagram"),
    Library(OURS, "proxy", "names", by_our_tunnel, LISI),
    Library(OURS, "dns", "authoritative", by_our_dns, 1),
    Library("dnspython", "dns", "authoritative", by_dnspython, 1),
]
