"""TLS to the proxy, and TLS through it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from clients.net.errors import Insecure
from clients.tunnel import Proxy, open_tunnel
from lab.topology import Endpoint
from tests.proxy.conftest import Tunnels
from tests.support.journal import Journal

rfc, feature = pytest.mark.rfc, pytest.mark.feature

WITHIN = 10.0

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
        """A client that expects another name does not go on; a server may refuse it first (RFC 6066 3)."""
        other = Proxy(secure.host, secure.port, secure.tls, "https.wireyard.test")
        with pytest.raises(Insecure, match=r"(?i)hostname|unrecognized.name"):
            await open_tunnel(other, target("tcp-echo"))

    @feature("tls", "journal")
    async def test_the_journal_tells_the_protocol(
        self, tunnels: Tunnels, secure: Proxy, target: Target, journal: Callable[[str], Journal]
    ) -> None:
        """secureConnection stands between connection and connect."""
        local = (await tunnels.open(target("tcp-echo"), through=secure)).stream.local
        events = await journal("proxy").of(local, until="tunnel")
        assert [event.event for event in events] == ["connection", "secureConnection", "connect", "tunnel"]


class TestFailures:
    """Nobody is left without an answer, and the journal tells why (RFC 8446 6)."""

    async def failed(self, raw: socket.socket, journal: Callable[[str], Journal]) -> Mapping[str, object]:
        """What the journal tells of the connection that failed."""
        events = await journal("proxy").of(raw.getsockname())
        assert [event.event for event in events] == ["connection", "tlsClientError", "close"]
        return events[1].data

    @feature("tls", "journal")
    @rfc("9110", "4.2.2")
    async def test_plain_http_is_answered_with_a_plain_400(
        self, secure: Proxy, journal: Callable[[str], Journal]
    ) -> None:
        with socket.create_connection((secure.host, secure.port), WITHIN) as raw:
            raw.sendall(b"CONNECT http1.wireyard.test:80 HTTP/1.1\r\nHost: http1.wireyard.test:80\r\n\r\n")
            answer = b"".join(iter(lambda: raw.recv(65536), b""))
            assert answer.startswith(b"HTTP/1.1 400 ")
            assert b"\r\nConnection: close\r\n" in answer
            assert (await self.failed(raw, journal))["reason"] == "the first bytes are not TLS"

    @feature("tls", "journal")
    @rfc("6066", "3")
    @rfc("7301", "3.2")
    @pytest.mark.parametrize(
        ("name", "alpn", "alert"),
        [
            ("nobody.example", "h2", "unrecognized_name"),
            ("proxy.wireyard.test", "spdy/3", "no_application_protocol"),
        ],
    )
    async def test_a_refused_handshake_is_told_by_its_alert(
        self, secure: Proxy, ca: Path, journal: Callable[[str], Journal], name: str, alpn: str, alert: str
    ) -> None:
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols([alpn])
        with socket.create_connection((secure.host, secure.port), WITHIN) as raw, raw.dup() as local:
            with pytest.raises(ssl.SSLError, match=f"(?i){alert.replace('_', ' ')}"):
                context.wrap_socket(raw, server_hostname=name).close()
            assert (await self.failed(local, journal))["alertSent"] == alert

    @feature("tls", "journal")
    @rfc("8446", "6.2")
    async def test_the_clients_verdict_is_heard(
        self, secure: Proxy, journal: Callable[[str], Journal]
    ) -> None:
        """A client that does not trust the yard says unknown_ca."""
        with socket.create_connection((secure.host, secure.port), WITHIN) as raw, raw.dup() as local:
            with pytest.raises(ssl.SSLCertVerificationError):
                ssl.create_default_context().wrap_socket(raw, server_hostname="proxy.wireyard.test").close()
            assert (await self.failed(local, journal))["alertReceived"] == "unknown_ca"


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
