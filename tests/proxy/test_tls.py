"""TLS to the proxy, and TLS through it."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest

from clients.net.errors import Insecure
from clients.tunnel import Proxy, open_tunnel
from lab.topology import Endpoint
from tests.proxy.conftest import Tunnels
from tests.support.journal import Journal

rfc, feature = pytest.mark.rfc, pytest.mark.feature

Target = Callable[..., str]


class TestToTheProxy:
    """The first hop is encrypted: what the proxy is asked for stays between the two."""

    @feature("tls")
    @rfc("9110", "9.3.6")
    async def test_a_tunnel_inside_tls(self, tunnels: Tunnels, secure: Proxy, target: Target) -> None:
        """Verified as proxy.wireyard.test."""
        stream = (await tunnels.open(target("tcp-echo"), through=secure)).stream
        await stream.send(b"encrypted to here")
        assert await stream.receive_exactly(17) == b"encrypted to here"

    @feature("tls")
    @rfc("8446", "4.4.2")
    async def test_the_certificate_is_not_somebody_elses(self, secure: Proxy, target: Target) -> None:
        """A client that expects another name does not go on."""
        other = Proxy(secure.host, secure.port, secure.tls, "https.wireyard.test")
        with pytest.raises(Insecure, match=r"(?i)hostname"):
            await open_tunnel(other, target("tcp-echo"))

    @feature("tls", "journal")
    async def test_the_journal_tells_the_protocol(
        self, tunnels: Tunnels, secure: Proxy, target: Target, journal: Callable[[str], Journal]
    ) -> None:
        """secureConnection stands between connection and connect."""
        local = (await tunnels.open(target("tcp-echo"), through=secure)).stream.local
        events = await journal("proxy").of(local, until="tunnel")
        assert [event.event for event in events] == ["connection", "secureConnection", "connect", "tunnel"]


class TestThroughTheProxy:
    """The second hop is the client's own: the proxy carries what it cannot read."""

    @feature("connect")
    @rfc("9110", "9.3.6")
    async def test_tls_to_the_origin(
        self, tunnels: Tunnels, target: Target, endpoint: Callable[..., Endpoint], context: ssl.SSLContext
    ) -> None:
        """The origin's certificate is verified end to end."""
        stream = (await tunnels.open(target("https"))).stream
        await stream.secure(context, endpoint("https").authority)
        await stream.send(b"GET / HTTP/1.1\r\nHost: https.wireyard.test\r\nConnection: close\r\n\r\n")
        assert (await stream.receive()).startswith(b"HTTP/1.1 200 ")

    @feature("tls")
    async def test_tls_inside_tls(
        self,
        tunnels: Tunnels,
        secure: Proxy,
        target: Target,
        endpoint: Callable[..., Endpoint],
        context: ssl.SSLContext,
    ) -> None:
        """Both hops encrypted, each verified under its own name: the picture of a VPN."""
        stream = (await tunnels.open(target("https"), through=secure)).stream
        await stream.secure(context, endpoint("https").authority)
        await stream.send(b"GET / HTTP/1.1\r\nHost: https.wireyard.test\r\nConnection: close\r\n\r\n")
        assert (await stream.receive()).startswith(b"HTTP/1.1 200 ")
