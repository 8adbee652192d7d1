"""Which HTTP a port speaks: prior knowledge, `Upgrade: h2c`, ALPN, and HTTP/1.1 beside them."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from clients import http1
from lab.topology import Endpoint
from tests.http2.raw import Raw
from tests.http2.wire import DATA, END_STREAM, HEADERS, PREFACE, SETTINGS, request, settings

rfc, feature, role = pytest.mark.rfc, pytest.mark.feature, pytest.mark.role
pytestmark = role("h2c", "h2")

SWITCHED = b"HTTP/1.1 101 "


def offer(*fields: bytes, target: bytes = b"/todos?name=lisi") -> bytes:
    lines = (b"GET %b HTTP/1.1" % target, b"Host: h2c.wireyard.test", *fields, b"", b"")
    return b"\r\n".join(lines)


def good(payload: bytes = b"") -> tuple[bytes, ...]:
    encoded = base64.urlsafe_b64encode(payload).rstrip(b"=")
    return (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: " + encoded)


class Upgrading(Raw):
    """Reads the answer of HTTP/1.1 first."""

    async def __aenter__(self) -> Upgrading:
        await super().__aenter__()
        return self

    async def switch(self, sent: bytes) -> bytes:
        await self.send(sent)
        return await self._reader.readuntil(b"\r\n\r\n")


@pytest.fixture
def upgrading(endpoint: Callable[..., Endpoint]) -> Upgrading:
    return Upgrading(endpoint("h2c"), None)


@role("h2c")
@rfc("7540", "3.2")
@feature("h2-upgrade")
async def test_the_request_becomes_stream_1(upgrading: Upgrading) -> None:
    async with upgrading as raw:
        head = await raw.switch(offer(*good()))
        assert head.startswith(SWITCHED)
        assert b"\r\nupgrade: h2c\r\n" in head.lower()
        await raw.send(PREFACE + settings() + request(3))
        assert await raw.until(lambda: raw.has(DATA, 1, END_STREAM) and raw.has(DATA, 3, END_STREAM))
        assert raw.seen[0].kind == SETTINGS


@role("h2c")
@rfc("7540", "3.2.1")
@feature("h2-upgrade")
async def test_the_settings_of_the_offer_hold(upgrading: Upgrading) -> None:
    """An initial window of 0: the head comes, its content does not."""
    async with upgrading as raw:
        await raw.switch(offer(*good(b"\0\4\0\0\0\0")) + PREFACE + settings())
        assert await raw.until(lambda: raw.has(HEADERS, 1))
        assert await raw.settle(b"midpoint")
        assert not raw.has(DATA, 1)


@role("h2c")
@rfc("7540", "3.2")
@feature("h2-upgrade")
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param((b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), id="no-settings"),
        pytest.param((*good(), b"HTTP2-Settings: AAMAAABk"), id="settings-twice"),
        pytest.param(
            (b"Connection: Upgrade", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), id="settings-not-named"
        ),
        pytest.param(
            (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: !"), id="no-base64"
        ),
        pytest.param(good(b"\0\4\xff\xff\xff\xff"), id="setting-out-of-range"),
        pytest.param(good(b"\0\4\0"), id="settings-cut"),
        pytest.param(
            (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2", b"HTTP2-Settings: AAMAAABk"), id="h2"
        ),
    ],
)
async def test_an_offer_that_is_not_well_made_is_ignored(
    upgrading: Upgrading, fields: tuple[bytes, ...]
) -> None:
    async with upgrading as raw:
        assert (await raw.switch(offer(*fields))).startswith(b"HTTP/1.1 200 ")


@role("h2c")
@rfc("9113", "3.3")
@feature("h2-beside-http1")
async def test_h2c_answers_http1(endpoint: Callable[..., Endpoint]) -> None:
    where = endpoint("h2c")
    async with http1.Client(http1.Origin(where.address, where.port, where.authority)) as client:
        assert (await client.get("/todos?name=lisi")).version == "1.1"


@rfc("9113", "3.4")
@feature("h2-preface")
async def test_the_preface_may_come_octet_by_octet(connect: Callable[[], Raw]) -> None:
    async with connect() as raw:
        for octet in PREFACE + settings() + request(1):
            await raw.send(bytes([octet]))
        assert await raw.until(lambda: raw.has(HEADERS, 1))


@role("h2")
@rfc("9113", "3.2")
@feature("h2-beside-http1")
@pytest.mark.parametrize("alpn", [["http/1.1"], []], ids=["http1", "none"])
async def test_h2_answers_http1_by_alpn_and_without_alpn(
    endpoint: Callable[..., Endpoint], ca: Path, alpn: list[str]
) -> None:
    where = endpoint("h2")
    context = ssl.create_default_context(cafile=ca)
    if alpn:
        context.set_alpn_protocols(alpn)
    async with http1.Client(http1.Origin(where.address, where.port, where.authority, context)) as client:
        assert (await client.get("/todos?name=lisi")).version == "1.1"
