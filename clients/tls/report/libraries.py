"""Clients that are Python libraries: ours, urllib, httpx, aiohttp; each with its own defaults for TLS."""

from __future__ import annotations

import asyncio
import http.client
import platform
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

from certs.zoo import Case
from clients.tls.look import Target, look_at
from clients.tls.report.model import Answer, Site

WITHIN = 5.0


@dataclass(frozen=True)
class Library:
    """A function that asks once, and raises when the client refuses."""

    name: str
    about: str
    ask: Callable[[Site, str], None]

    def version(self) -> str | None:
        """The library's, or Python's."""
        return self.about

    def judge(self, site: Site, cases: Sequence[Case]) -> list[Answer]:
        """See Client."""
        return [self._one(site, case) for case in cases]

    def _one(self, site: Site, case: Case) -> Answer:
        try:
            self.ask(site, site.name(case))
        except (OSError, httpx.HTTPError, aiohttp.ClientError, http.client.HTTPException) as error:
            return Answer(accepted=False, words=str(error))
        return Answer(accepted=True)


def _ours(site: Site, name: str) -> None:
    look = look_at(Target(site.address, site.port, name, WITHIN), site.ca)
    if not look.accepted:
        raise ssl.SSLError(look.verdict)


def _urllib(site: Site, name: str) -> None:
    """http.client is what urllib.request asks with; the address stands in for the resolver's answer."""
    context = ssl.create_default_context(cafile=site.ca)
    connection = http.client.HTTPSConnection(name, context=context, timeout=WITHIN)
    setattr(connection, "_create_connection", _dial(site))  # noqa: B010 - its own hook for other dialling
    try:
        connection.request("GET", "/version")
        connection.getresponse().read()
    finally:
        connection.close()


def _dial(site: Site) -> Callable[..., socket.socket]:
    return lambda *_arguments: socket.create_connection((site.address, site.port), timeout=WITHIN)


def _httpx(site: Site, name: str) -> None:
    context = httpx.create_ssl_context()
    context.load_verify_locations(site.ca)
    with httpx.Client(verify=context, timeout=WITHIN, http2=True) as client:
        url = f"https://{site.address}:{site.port}/version"
        client.get(url, headers={"host": name}, extensions={"sni_hostname": name})


class _Resolver(AbstractResolver):
    """Says that every name is at the site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """One address."""
        address = self._site.address
        return [ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


def _aiohttp(site: Site, name: str) -> None:
    asyncio.run(_aiohttp_get(site, name))


async def _aiohttp_get(site: Site, name: str) -> None:
    context = ssl.create_default_context(cafile=site.ca)
    connector: Any = aiohttp.TCPConnector(resolver=_Resolver(site), ssl=context)
    timeout = aiohttp.ClientTimeout(total=WITHIN)
    url = f"https://{name}:{site.port}/version"
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        session.get(url) as got,
    ):
        await got.read()


_PYTHON = f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}"

LIBRARIES = (
    Library("ours", _PYTHON, _ours),
    Library("urllib", _PYTHON, _urllib),
    Library("httpx", f"httpx {httpx.__version__}", _httpx),
    Library("aiohttp", f"aiohttp {aiohttp.__version__}", _aiohttp),
)
