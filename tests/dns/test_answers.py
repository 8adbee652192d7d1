"""Authoritative answers: what the zones hold, and what they do not (RFC 1034, 1035, 2308)."""

from __future__ import annotations

import ipaddress

import pytest

from lab.topology import ROLES, View
from tests.dns.conftest import DOMAIN, Ask
from tests.support.yard import Yard

rfc, feature = pytest.mark.rfc, pytest.mark.feature

RECORDS = {
    "A": ["192.0.2.1"],
    "AAAA": ["2001:db8::1"],
    "MX": ["10 mail.wireyard.test."],
    "TXT": ['"one" "two words" "a \\"quote\\" and a \\\\ backslash" "\\000\\255"'],
    "CAA": ['0 issuewild ";"'],
    "NAPTR": ['100 10 "S" "SIP+D2T" "" _sip._tcp.wireyard.test.'],
    "LOC": ["42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m"],
    "SSHFP": ["4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789"],
    "RP": ["hostmaster.wireyard.test. records.wireyard.test."],
    "HINFO": ['"wireyard" "linux"'],
    "SRV": ["1 2 443 https.wireyard.test."],
    "URI": ['10 1 "https://https.wireyard.test/"'],
    "HTTPS": ['1 . alpn="h2,http/1.1" port="443" ipv4hint="192.0.2.1"'],
    "SVCB": ["0 https.wireyard.test."],
    "TLSA": ["3 1 1 0b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3"],
    "TYPE65400": ["\\# 4 0a000001"],
}


class TestTopology:
    """Every role resolves to the address where it stands, and back."""

    @feature("authoritative")
    @rfc("1034", "4.3.2")
    @pytest.mark.parametrize("subject", ROLES)
    async def test_each_role_has_its_address(self, query: Ask, yard: Yard, subject: str) -> None:
        """An authoritative answer with the address of the topology, as the view sees it."""
        reply = await query(f"{subject}")
        assert reply.rcode == "NOERROR"
        assert "aa" in reply.flags
        expected = yard.topology.endpoint(subject, yard.view).address
        assert expected in reply.values("A")

    @feature("reverse")
    @rfc("1035", "3.5")
    @pytest.mark.parametrize("subject", ROLES)
    async def test_each_address_has_its_name(self, query: Ask, yard: Yard, subject: str) -> None:
        """The PTR records of a role's address hold the role's authority."""
        address = ipaddress.ip_address(yard.topology.endpoint(subject, yard.view).address)
        reply = await query(f"{address.reverse_pointer}.", "PTR")
        assert f"{subject}.{DOMAIN}" in reply.values("PTR")

    @feature("ipv6", "authoritative")
    @rfc("3596", "2.5")
    async def test_ipv6_addresses_resolve_and_reverse(self, query: Ask, yard: Yard) -> None:
        """AAAA and ip6.arpa agree with the topology; on the host http1 has IPv4 alone."""
        attached = yard.service("http1").attachments[0].ipv6 if yard.view is View.NETWORK else None
        known = [attached] if attached else []
        assert (await query("http1", "AAAA")).values("AAAA") == known
        for address in known:
            pointer = ipaddress.ip_address(address).reverse_pointer
            assert (await query(f"{pointer}.", "PTR")).values("PTR") == [f"http1.{DOMAIN}"]

    @feature("authoritative")
    async def test_the_private_origin_is_named_too(self, query: Ask, yard: Yard) -> None:
        """`vault` stands on the inner network; only its name is public."""
        (address,) = (await query("vault")).values("A")
        inner = yard.service("vault").attachments[0].ipv4
        assert address == (inner if yard.view is View.NETWORK else "127.77.1.10")


class TestRFC1035Records:
    """3.3 and the RFCs of later types: every type that the zone holds."""

    @feature("record-types")
    @rfc("1035", "3.3")
    @pytest.mark.parametrize("rrtype", RECORDS)
    async def test_data_of_each_type(self, query: Ask, rrtype: str) -> None:
        """The data arrives as the zone has it, types without a name of their own (RFC 3597) too."""
        reply = await query("records", rrtype)
        assert reply.values(rrtype) == RECORDS[rrtype]

    @feature("authoritative")
    @rfc("1035", "3.3.13")
    async def test_the_apex_has_soa_and_ns(self, query: Ask) -> None:
        """The name server is the yard's own."""
        (soa,) = (await query(DOMAIN, "SOA")).values("SOA")
        assert soa.startswith(f"dns.{DOMAIN} hostmaster.{DOMAIN} ")
        assert (await query(DOMAIN, "NS")).values("NS") == [f"dns.{DOMAIN}"]

    @feature("record-types")
    @rfc("1035", "3.3.14")
    async def test_a_text_over_255_octets_is_several_strings(self, query: Ask) -> None:
        """A character-string holds at most 255 octets; together they are the text."""
        (text,) = (await query("long", "TXT")).values("TXT")
        assert [len(part) for part in text.strip('"').split('" "')] == [255, 17]

    @feature("record-types")
    @rfc("2181", "8")
    async def test_ttl_units_are_seconds_on_the_wire(self, query: Ask) -> None:
        """`1h30m` in the zone file is 5400."""
        assert (await query("ttl")).message.answer[0].ttl == 5400

    @feature("additional")
    @rfc("1034", "4.3.2")
    @pytest.mark.parametrize(("name", "rrtype"), [("records", "MX"), ("records", "SRV"), (DOMAIN, "NS")])
    async def test_addresses_of_targets_come_along(self, query: Ask, name: str, rrtype: str) -> None:
        """Step 6: useful addresses that the server has are put in the additional section."""
        assert any(" IN A " in line for line in (await query(name, rrtype)).additional)

    @feature("additional")
    @rfc("9460", "4.1")
    @pytest.mark.parametrize("rrtype", ["HTTPS", "SVCB"])
    async def test_addresses_of_service_bindings_come_along(self, query: Ask, rrtype: str) -> None:
        """A client that has asked for the binding need not ask for the addresses."""
        assert any(" IN A " in line for line in (await query("records", rrtype)).additional)

    @feature("any-minimal")
    @rfc("8482", "4.1")
    async def test_any_over_udp_gives_a_subset(self, query: Ask) -> None:
        """At least one record set, and no amplification."""
        reply = await query("records", "ANY", "udp")
        assert reply.answer
        assert len(reply.message.answer) < len(RECORDS)


class TestRFC2308NegativeAnswers:
    """2. Negative answers carry the SOA, with the time for which they may be kept."""

    @feature("negative")
    @rfc("2308", "2.1")
    @rfc("2308", "3")
    async def test_a_name_that_does_not_exist(self, query: Ask) -> None:
        """NXDOMAIN, no answer, the SOA with its TTL bounded by MINIMUM."""
        reply = await query("no-such-name")
        assert reply.rcode == "NXDOMAIN"
        assert reply.answer == []
        (soa,) = reply.message.authority
        assert soa.ttl <= soa[0].minimum

    @feature("negative")
    @rfc("2308", "2.2")
    @pytest.mark.parametrize("name", ["records", "a.empty", "_tcp", "exact.wild"])
    async def test_a_name_without_the_type(self, query: Ask, name: str) -> None:
        """NOERROR without an answer, for names with other data and for empty non-terminals alike."""
        reply = await query(name, "SMIMEA")
        assert (reply.rcode, reply.answer) == ("NOERROR", [])
        assert " SOA " in reply.authority[0]

    @feature("negative")
    @rfc("1034", "4.3.2")
    async def test_a_name_outside_the_zones_is_refused(self, query: Ask) -> None:
        """The server is authoritative for its zones alone."""
        reply = await query("www.example.com.")
        assert (reply.rcode, reply.answer) == ("REFUSED", [])
        assert "aa" not in reply.flags
