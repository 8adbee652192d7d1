"""Forwarding without the network: what is sent on, what is believed, what is given back."""

from __future__ import annotations

import dns.message
import dns.rcode
import dns.rrset
import pytest

from services.dns.reference.exchange import Request
from services.dns.reference.forward import (
    MOST_MARKS,
    believe,
    give_back,
    has_come_round,
    key_of,
    upstream_query,
)
from services.dns.reference.tests.world import NOW, TCP, UDP, make, opt, query
from services.dns.reference.upstream import parse
from services.dns.reference.wire import Query, parse_head, parse_query


def parsed(data: bytes) -> Query:
    head = parse_head(data)
    assert head is not None
    return parse_query(data, head)


def rrset(text: str) -> dns.rrset.RRset:
    owner, ttl, rrclass, rrtype, data = text.split(" ", 4)
    return dns.rrset.from_text(owner, int(ttl), rrclass, rrtype, data)


class TestForward:
    ASKED = query("www.example.com.", extra=1, tail=opt())

    def upstream(self, sent: bytes, *records: str, rcode: int = 0, authority: str = "") -> bytes:
        reply = dns.message.make_response(dns.message.from_wire(sent), recursion_available=True)
        reply.set_rcode(dns.rcode.Rcode.make(rcode))
        for text in records:
            reply.answer.append(rrset(text))
        if authority:
            reply.authority.append(rrset(authority))
        return reply.to_wire(max_size=65_535)

    def test_marks_of_others_are_sent_on_up_to_a_bound(self) -> None:
        """A circle of several servers is known to each of them by its own mark."""
        sent = query("www.example.com.")
        for number in range(MOST_MARKS):
            assert not has_come_round(parsed(sent), b"new")
            sent = upstream_query(parsed(sent), 7, b"mark%d" % number)
            assert all(has_come_round(parsed(sent), b"mark%d" % seen) for seen in range(number + 1))
        assert has_come_round(parsed(sent), b"new")

    def test_an_answer_is_given_back_under_the_askers_id(self) -> None:
        query_ = parsed(self.ASKED)
        sent = upstream_query(query_, 77, b"mark")
        assert has_come_round(parsed(sent), b"mark")
        assert not has_come_round(query_, b"mark")
        wire = self.upstream(sent, "www.example.com. 300 IN A 192.0.2.1", "www.example.com. 60 IN TXT x")
        believed = believe(query_, 77, wire)
        assert believed is not None
        assert believed.lifetime == 60
        back = dns.message.from_wire(give_back(Request(query_, UDP, NOW), believed, 50, 1232))
        assert (back.id, [rrset.ttl for rrset in back.answer]) == (0x1234, [250, 10])
        assert back.edns == 0
        assert not back.options

    def test_what_may_be_forged_is_passed_over(self) -> None:
        query_ = parsed(self.ASKED)
        sent = upstream_query(query_, 77, b"mark")
        wire = self.upstream(sent, "www.example.com. 300 IN A 192.0.2.1")
        assert believe(query_, 78, wire) is None
        assert believe(query_, 77, sent) is None
        assert believe(query_, 77, wire[:13] + b"W" + wire[14:]) is None
        assert believe(query_, 77, b"") is None

    def test_a_negative_answer_lives_by_its_soa(self) -> None:
        """RFC 2308 5: the lesser of the SOA's TTL and MINIMUM."""
        query_ = parsed(self.ASKED)
        soa = "example.com. 900 IN SOA a. b. 1 2 3 4 30"
        believed = believe(query_, 7, self.upstream(upstream_query(query_, 7, b"m"), rcode=3, authority=soa))
        assert believed is not None
        assert believed.lifetime == 30

    def test_an_alias_to_nothing_lives_no_longer_than_its_soa(self) -> None:
        """The negative part of the answer, whatever the TTL of the alias (RFC 2308 5)."""
        query_ = parsed(self.ASKED)
        sent = upstream_query(query_, 7, b"m")
        soa, alias = (
            "example.com. 900 IN SOA a. b. 1 2 3 4 30",
            "www.example.com. 300 IN CNAME gone.example.com.",
        )
        believed = believe(query_, 7, self.upstream(sent, alias, rcode=3, authority=soa))
        assert believed is not None
        assert believed.lifetime == 30

    def test_answers_that_were_not_checked_are_not_for_those_who_want_them_checked(self) -> None:
        """RFC 4035 3.2.2: CD and DO change what an upstream says."""
        tails = [(opt(), 0x0100), (opt(), 0x0110), (opt(flags=0x8000), 0x0100), (opt(flags=0x8000), 0x0110)]
        asked = [query("www.example.com.", flags=flags, extra=1, tail=tail) for tail, flags in tails]
        assert len({key_of(parsed(data)) for data in asked}) == 4

    def test_failures_are_not_kept(self) -> None:
        query_ = parsed(self.ASKED)
        believed = believe(query_, 7, self.upstream(upstream_query(query_, 7, b"m"), rcode=2))
        assert believed is not None
        assert believed.lifetime == 0

    def test_what_does_not_fit_is_truncated(self) -> None:
        query_ = parsed(self.ASKED)
        records = [f"www.example.com. 60 IN TXT {'x' * 200}{n}" for n in range(9)]
        believed = believe(query_, 7, self.upstream(upstream_query(query_, 7, b"m"), *records))
        assert believed is not None
        back = dns.message.from_wire(give_back(Request(query_, UDP, NOW), believed, 0, 1232))
        assert back.flags & 0x0200
        assert not back.answer

    def test_only_with_upstreams_and_recursion_desired(self) -> None:
        server = make(recursion=True)
        assert server.respond(self.ASKED, UDP, NOW).forward is not None
        assert server.respond(query("www.example.com.", flags=0), UDP, NOW).forward is None
        assert make().respond(self.ASKED, TCP, NOW).forward is None

    @pytest.mark.parametrize("text", ["nowhere", "192.0.2.1:0", "192.0.2.1:x", "[::1]:99999", ""])
    def test_an_upstream_is_an_address_and_a_port(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            parse(text)
        assert parse("[2001:db8::1]:5353").port == 5353
        assert parse("2001:db8::1").port == 53
