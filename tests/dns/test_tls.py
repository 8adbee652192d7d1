"""DNS over TLS (RFC 7858)."""

from __future__ import annotations

import asyncio
import ssl

import dns.edns
import pytest

from clients.dns import Server, ask, question
from tests.dns.conftest import DOMAIN
from tests.dns.wire import header, query_octets

rfc, feature = pytest.mark.rfc, pytest.mark.feature
PADDING = dns.edns.OptionType.make(12)


class TestRFC7858:
    """3. Establishing and managing DNS-over-TLS sessions."""

    @feature("dns-over-tls")
    @rfc("7858", "3.3")
    async def test_a_query_inside_tls(self, over_tls: Server) -> None:
        """The same answers, in the framing of TCP."""
        reply = await ask(over_tls, question(f"records.{DOMAIN}", "MX"), "tls")
        assert reply.values("MX") == [f"10 mail.{DOMAIN}"]

    @feature("dns-over-tls")
    @rfc("7301", "3.2")
    async def test_the_client_offers_what_it_speaks(self, over_tls: Server) -> None:
        """Whatever its context has offered to another server before."""
        assert over_tls.context is not None
        over_tls.context.set_alpn_protocols(["h2"])
        reply = await ask(over_tls, question(DOMAIN, "SOA"), "tls")
        assert reply.values("SOA")

    @feature("dns-over-tls")
    @rfc("7858", "3.1")
    async def test_the_certificate_names_the_server(self, over_tls: Server) -> None:
        """Another name than the server's is not believed."""
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(
                over_tls.address, over_tls.port, ssl=over_tls.context, server_hostname="http1.wireyard.test"
            )

    @feature("dns-over-tls", "padding")
    @rfc("7830", "4")
    async def test_padding_hides_the_size(self, over_tls: Server) -> None:
        """Answers of different sizes look alike."""
        sizes = set()
        for rrtype in ("A", "TXT", "MX"):
            query = question(f"records.{DOMAIN}", rrtype, options=[dns.edns.GenericOption(PADDING, b"")])
            reply = await ask(over_tls, query, "tls")
            sizes.add(len(reply.message.wire or b""))
        assert sizes == {468}

    @feature("dns-over-tls")
    @rfc("7766", "6.2.1.1")
    async def test_many_queries_in_one_session(self, over_tls: Server) -> None:
        """Sent at once, each answered."""
        reader, writer = await asyncio.open_connection(
            over_tls.address, over_tls.port, ssl=over_tls.context, server_hostname=over_tls.authority
        )
        octets = query_octets(f"http1.{DOMAIN}")
        writer.write((len(octets).to_bytes(2) + octets) * 50)
        for _ in range(50):
            answer = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            assert header(answer).answers == 1
        writer.close()
        await writer.wait_closed()

    @feature("dns-over-tls")
    @rfc("7858", "3.1")
    async def test_plain_dns_on_the_secure_port_is_no_answer(self, over_tls: Server) -> None:
        """An answer in the clear would betray the question; an alert or the end is all there is."""
        reader, writer = await asyncio.open_connection(over_tls.address, over_tls.port)
        octets = query_octets(f"http1.{DOMAIN}")
        writer.write(len(octets).to_bytes(2) + octets)
        got = await reader.read(1000)
        assert b"wireyard" not in got
        writer.close()
        await writer.wait_closed()
