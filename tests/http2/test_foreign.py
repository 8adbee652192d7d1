"""Programs that others wrote speak to both roles without a complaint: curl, nghttp, h2load, Node, httpx."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from lab.topology import Endpoint

feature = pytest.mark.feature
pytestmark = pytest.mark.role("h2c", "h2")

TODOS = "/todos?name=zhangsan"
WITHIN = 30.0
NODE = Path(__file__).with_name("node_client.js")


async def run(*argv: str, ca: Path | None = None) -> str:
    """What a program says, trusting `ca`. It must be installed, end in time, and exit with 0."""
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is not installed")
    pipe = asyncio.subprocess.PIPE
    env = {**os.environ, "SSL_CERT_FILE": str(ca)} if ca else None
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=pipe, stderr=asyncio.subprocess.STDOUT, env=env
    )
    async with asyncio.timeout(WITHIN):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.fixture
def where(role: str, endpoint: Callable[..., Endpoint]) -> Endpoint:
    return endpoint(role)


@pytest.fixture
def base(role: str, where: Endpoint) -> str:
    """The URL of the service by its address: nghttp and h2load know no other way."""
    return f"{'https' if role == 'h2' else 'http'}://{where.address}:{where.port}"


@feature("todos")
@pytest.mark.parametrize("way", ["--http2", "--http2-prior-knowledge"])
async def test_curl(role: str, where: Endpoint, ca: Path, way: str) -> None:
    """By prior knowledge; by `Upgrade: h2c` on h2c; by ALPN on h2."""
    scheme = "https" if role == "h2" else "http"
    there = f"{where.authority}:{443 if role == 'h2' else 80}:{where.address}:{where.port}"
    said = await run(
        *("curl", "-sS", way, "--cacert", str(ca), "--connect-to", there),
        *("-w", "\n%{http_version} %{http_code}", f"{scheme}://{where.authority}{TODOS}"),
    )
    assert said == '[{"name":"birth","introduce":"过生日"}]\n2 200'


@feature("todos")
async def test_nghttp(base: str, ca: Path) -> None:
    said = await run("nghttp", "-v", f"{base}{TODOS}", ca=ca)
    assert ":status: 200" in said
    assert "过生日" in said
    warnings = [line for line in said.splitlines() if "warning" in line.lower()]
    assert all("hostname mismatch" in line for line in warnings), "it knows addresses only; the chain holds"
    assert "error" not in said.lower().replace("error_code=no_error(0x00)", "")


@feature("h2-multiplexing")
async def test_h2load(base: str) -> None:
    said = await run("h2load", "-n", "2000", "-c", "4", "-m", "32", f"{base}{TODOS}")
    assert "2000 succeeded, 0 failed, 0 errored, 0 timeout" in said


@feature("h2-session-control")
async def test_node(role: str, base: str, where: Endpoint, ca: Path) -> None:
    secure = (where.authority, str(ca)) if role == "h2" else ()
    said = json.loads(await run("node", str(NODE), base, *secure))
    assert said["errors"] == []
    assert said["todos"]["body"] == '[{"name":"birth","introduce":"过生日"}]'
    assert (said["todos"]["rstCode"], said["alpn"]) == (0, role)
    assert said["post"]["status"] == 200
    assert said["interim"]["interims"] == [103]
    assert said["trailers"]["trailers"]["x-sum"] == "6"
    assert said["pushed"] == "/todos?name=lisi"
    assert said["reset"]["rstCode"] == 7
    assert said["altsvc"] == ["h2", "https://h2.wireyard.test"]
    assert said["ping"]


@feature("todos")
async def test_httpx(role: str, base: str, where: Endpoint, ca: Path) -> None:
    context: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca) if role == "h2" else True
    by_alpn = role == "h2"
    async with httpx.AsyncClient(http1=by_alpn, http2=True, verify=context, trust_env=False) as client:
        reply = await client.get(
            base + TODOS,
            headers={"host": where.authority},
            extensions={"sni_hostname": where.authority} if by_alpn else {},
        )
    assert (reply.status_code, reply.http_version) == (200, "HTTP/2")
