"""The HTTP libraries and curl, each with its own way of asking for a tunnel."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import requests

from clients.tunnel import Proxy
from lab.topology import Endpoint
from tests.support.aio import aiohttp_session

feature, rfc = pytest.mark.feature, pytest.mark.rfc

LISI = [{"name": "hospital", "introduce": "医院复诊"}]
Target = Callable[..., str]
Record = Callable[[str, object], None]


@pytest.fixture
def url(target: Target) -> Callable[[str], str]:
    """`url(role)`: what the role answers LISI to, by name, which only the proxy has to resolve."""

    def of(role: str) -> str:
        scheme = "https" if role in {"https", "h2"} else "http"
        return f"{scheme}://{target(role, name=True)}/todos?name=lisi"

    return of


@pytest.fixture
def plain(proxy: Proxy) -> str:
    """The proxy as a URL."""
    return f"http://{proxy.host}:{proxy.port}"


class TestLibraries:
    """Each verifies the origin's certificate through the tunnel."""

    @feature("connect", "names")
    @rfc("9110", "9.3.6")
    async def test_httpx(
        self, plain: str, url: Callable[[str], str], context: ssl.SSLContext, record_property: Record
    ) -> None:
        """HTTPS through a tunnel, on httpcore."""
        record_property("client", "httpx")
        async with httpx.AsyncClient(proxy=plain, verify=context) as client:
            assert (await client.get(url("https"))).json() == LISI

    @feature("connect", "names")
    @rfc("9113", "3.2")
    async def test_http2_through_the_tunnel(self, plain: str, url: Callable[[str], str], ca: Path) -> None:
        """ALPN is between client and origin; the proxy sees none of it."""
        own = ssl.create_default_context(cafile=ca)
        async with httpx.AsyncClient(proxy=plain, verify=own, http2=True) as client:
            answer = await client.get(url("h2"))
        assert (answer.http_version, answer.json()) == ("HTTP/2", LISI)

    @feature("tls", "names")
    @rfc("9110", "9.3.6")
    async def test_httpx_by_tls_to_the_proxy(
        self, secure: Proxy, url: Callable[[str], str], ca: Path
    ) -> None:
        """TLS in TLS, each under its own name."""
        own, inner = (ssl.create_default_context(cafile=ca) for _ in range(2))
        proxy = httpx.Proxy(f"https://{secure.authority}:{secure.port}", ssl_context=own)
        try:
            await asyncio.get_running_loop().getaddrinfo(secure.authority or "", secure.port)
        except OSError:
            pytest.skip("this machine cannot resolve the proxy's own name")
        async with httpx.AsyncClient(proxy=proxy, verify=inner) as client:
            assert (await client.get(url("https"))).json() == LISI

    @feature("connect", "names")
    @rfc("9110", "9.3.6")
    async def test_requests(
        self, plain: str, url: Callable[[str], str], ca: Path, record_property: Record
    ) -> None:
        """On urllib3, blocking."""
        record_property("client", "requests")
        proxies = {"https": plain}
        with requests.Session() as session:
            session.trust_env = False
            answer = await asyncio.to_thread(session.get, url("https"), proxies=proxies, verify=str(ca))
            assert answer.json() == LISI

    @feature("connect", "names")
    @rfc("9110", "9.3.6")
    async def test_aiohttp(
        self, plain: str, url: Callable[[str], str], context: ssl.SSLContext, record_property: Record
    ) -> None:
        """On asyncio's start_tls."""
        record_property("client", "aiohttp")
        async with (
            aiohttp_session() as session,
            session.get(url("https"), proxy=plain, ssl=context) as answer,
        ):
            assert await answer.json() == LISI

    @feature("connect")
    @rfc("6455", "4.1")
    async def test_a_websocket_through_the_tunnel(
        self, plain: str, target: Target, context: ssl.SSLContext
    ) -> None:
        """A client that uses a proxy asks it for a tunnel first."""
        address = f"https://{target('https', name=True)}/websocket/echo"
        async with (
            aiohttp_session() as session,
            session.ws_connect(address, proxy=plain, ssl=context) as socket,
        ):
            await socket.send_str("过生日")
            assert await socket.receive_str(timeout=5) == "过生日"


class TestCurl:
    """curl, to the proxy by TLS."""

    @feature("tls")
    @rfc("9110", "9.3.6")
    async def test_http1_inside_tls(
        self, secure: Proxy, url: Callable[[str], str], ca: Path, endpoint: Callable[..., Endpoint]
    ) -> None:
        """`--proxy https://…`, the proxy's certificate verified."""
        assert "医院复诊" in await curl(url("http1"), ca, endpoint("proxy", "tls"), "--proxytunnel")

    @feature("h2")
    @rfc("9113", "8.5")
    async def test_http2_inside_tls(
        self, secure: Proxy, url: Callable[[str], str], ca: Path, endpoint: Callable[..., Endpoint]
    ) -> None:
        """`--proxy-http2`: an HTTP/2 CONNECT by a program that is not ours."""
        if "--proxy-http2" not in await output("curl", "--help", "proxy"):
            pytest.skip("this curl has no HTTP/2 to proxies")
        said = await curl(url("https"), ca, endpoint("proxy", "tls"), "--proxy-http2", "--verbose")
        assert "医院复诊" in said
        assert "CONNECT tunnel: HTTP/2 negotiated" in said


async def curl(url: str, ca: Path, proxy: Endpoint, *words: str) -> str:
    """What curl prints, on both streams."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    return await output(
        *("curl", "--silent", "--show-error", "--max-time", "10"),
        *("--resolve", f"{proxy.authority}:{proxy.port}:{proxy.address}"),
        *("--proxy", f"https://{proxy.authority}:{proxy.port}"),
        *("--proxy-cacert", str(ca), "--cacert", str(ca), *words, url),
    )


async def output(*words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    data, _ = await process.communicate()
    return data.decode()
