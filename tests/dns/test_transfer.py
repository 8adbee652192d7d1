"""Zone transfer within the yard (RFC 5936, RFC 1995)."""

from __future__ import annotations

import asyncio

import dns.asyncquery
import dns.message
import dns.query
import dns.rdatatype
import dns.xfr
import dns.zone
import pytest

from clients.dns import Server, send_raw
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.wire import header, opt, packet, query_octets, question

rfc, feature = pytest.mark.rfc, pytest.mark.feature


class TestRFC5936:
    """2. AXFR messages."""

    @feature("transfer")
    @rfc("5936", "2.2")
    @rfc("5936", "3.4")
    async def test_the_whole_zone_arrives(self, server: Server, query: Ask) -> None:
        """From SOA to SOA, and what it holds is what single queries give."""
        zone = dns.zone.Zone(DOMAIN, relativize=False)
        await dns.asyncquery.inbound_xfr(server.address, zone, port=server.port, lifetime=5)
        assert zone.get_rdataset(f"records.{DOMAIN}", "AAAA") is not None
        assert len(zone.find_rdataset(f"large.{DOMAIN}", "A")) == 60
        (soa,) = (await query(DOMAIN, "SOA")).values("SOA")
        transferred = zone.find_rdataset(DOMAIN, "SOA")[0].to_text()
        assert transferred.split()[:2] == soa.split()[:2]
        assert int(transferred.split()[2]) <= int(soa.split()[2])  # other tests may change the zone meanwhile

    @feature("transfer", "edns")
    @rfc("5936", "2.2.5")
    @rfc("6891", "6.1.1")
    async def test_a_transfer_with_edns_is_answered_with_edns(self, server: Server) -> None:
        """OPT in the first message for OPT in the query, and none otherwise."""
        for octets, expected in (
            (packet(question(DOMAIN, 252) + opt(), (1, 0, 0, 1)), 0),
            (query_octets(DOMAIN, 252), -1),
        ):
            first = await send_raw(server, octets, transport="tcp")
            assert first is not None
            assert dns.message.from_wire(first, xfr=True).edns == expected

    @feature("transfer", "dns-over-tls")
    @rfc("9103", "7.4")
    async def test_the_whole_zone_arrives_inside_tls(self, over_tls: Server) -> None:
        """The same zone, where no one reads it."""
        zone = dns.zone.Zone(DOMAIN, relativize=False)
        query, _ = dns.xfr.make_query(zone)
        reader, writer = await asyncio.open_connection(
            over_tls.address, over_tls.port, ssl=over_tls.context, server_hostname=over_tls.authority
        )
        octets = query.to_wire()
        writer.write(len(octets).to_bytes(2) + octets)
        with dns.xfr.Inbound(zone, dns.rdatatype.AXFR) as inbound:
            done = False
            while not done:
                message = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
                done = inbound.process_message(
                    dns.message.from_wire(message, xfr=True, origin=zone.from_wire_origin())
                )
        writer.close()
        await writer.wait_closed()
        assert len(zone.find_rdataset(f"large.{DOMAIN}", "A")) == 60

    @feature("transfer")
    @rfc("1995", "4")
    async def test_ixfr_gives_the_whole_zone_or_one_soa(self, server: Server) -> None:
        """A server without history answers in the form of AXFR; who is current gets the SOA alone."""
        zone = dns.zone.Zone(DOMAIN, relativize=False)
        await dns.asyncquery.inbound_xfr(server.address, zone, port=server.port, lifetime=5)
        names = len(zone.nodes)
        query, _ = dns.xfr.make_query(zone)
        assert query.question[0].rdtype == dns.rdatatype.IXFR
        await dns.asyncquery.inbound_xfr(server.address, zone, query, port=server.port, lifetime=5)
        assert len(zone.nodes) == names

    @feature("transfer")
    @rfc("5936", "4.2")
    async def test_there_is_no_axfr_over_udp(self, server: Server) -> None:
        """Refused with a code, and never with the zone."""
        answer = await send_raw(server, query_octets(DOMAIN, 252))
        assert answer is not None
        assert header(answer).rcode != 0
        assert header(answer).answers == 0

    @feature("transfer")
    @rfc("5936", "2.2.1")
    @pytest.mark.parametrize("name", [f"records.{DOMAIN}", "example.com"])
    async def test_what_is_no_zone_here_is_not_transferred(self, server: Server, name: str) -> None:
        """NOTAUTH, or REFUSED."""
        answer = await send_raw(server, query_octets(name, 252), transport="tcp")
        assert answer is not None
        assert header(answer).rcode in (5, 9)
