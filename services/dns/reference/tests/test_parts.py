"""Cache, cookies, rate limiting, run-time changes, forwarding, the yard's own records, journal facts."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_network

import dns.message
import dns.rcode
import dns.rrset
import pytest

from services.dns.reference import yard
from services.dns.reference.cache import AnswerCache
from services.dns.reference.cookies import CookieJar, siphash24
from services.dns.reference.errors import RecordError, ZoneError
from services.dns.reference.exchange import Request
from services.dns.reference.facts import KEPT, MessageFacts, describe, noted
from services.dns.reference.forward import (
    MOST_MARKS,
    believe,
    give_back,
    has_come_round,
    key_of,
    upstream_query,
)
from services.dns.reference.lies import LIES
from services.dns.reference.names import from_text, to_text
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrl import RateLimiter, Verdict, slipped
from services.dns.reference.rrtypes import Type
from services.dns.reference.settings import ZONES, DNSSettings
from services.dns.reference.tests.world import NOW, TCP, UDP, answer, make, opt, option, query
from services.dns.reference.upstream import parse
from services.dns.reference.wire import Query, parse_head, parse_query
from services.dns.reference.zone import Record

HTTP1 = from_text("http1.wireyard.test.")


def parsed(data: bytes) -> Query:
    head = parse_head(data)
    assert head is not None
    return parse_query(data, head)


def rrset(text: str) -> dns.rrset.RRset:
    owner, ttl, rrclass, rrtype, data = text.split(" ", 4)
    return dns.rrset.from_text(owner, int(ttl), rrclass, rrtype, data)


class TestCache:
    @pytest.mark.parametrize("size", [0, 1_000])
    def test_it_is_bounded_in_memory(self, size: int) -> None:
        cache = AnswerCache(generation=100_000, spellings=100_000)
        for number in range(10_000):
            data = query(f"n{number}")
            cache.put(data, len(data) - 4, len(data), data + bytes(size))
            cache.get(data)
            cache.put_spelled(query(f"m{number}"), data + bytes(size))
        assert len(cache) <= 300_000 / (200 + size)

    def test_what_was_spelled_is_found_in_that_spelling_with_any_id(self) -> None:
        cache = AnswerCache()
        cache.put_spelled(query("records"), b"idanswer")
        asked = [b"ID" + query("records")[2:], query("Records")]
        assert cache.spelled(asked) == [b"answer", None]
        assert cache.get(query("Records")) is None

    def test_what_is_asked_again_survives(self) -> None:
        cache = AnswerCache(generation=10_000, spellings=0)
        kept = query("kept")
        cache.put(kept, len(kept) - 4, len(kept), kept)
        for number in range(100):
            data = query(f"n{number}")
            cache.put(data, len(data) - 4, len(data), data)
            assert cache.get(kept) is not None

    def test_types_that_differ_by_a_letters_case_do_not_mix(self) -> None:
        """Type 65 is an A, and 97 an a: the key alone would not tell them apart."""
        cache = AnswerCache()
        https = query("records", 65)
        cache.put(https, len(https) - 4, len(https), https)
        assert cache.get(query("records", 97)) is None
        assert cache.get(query("RECORDS", 65)) is not None


class TestCookies:
    """RFC 9018."""

    @pytest.mark.parametrize(
        ("client", "stamp", "address", "server"),
        [
            ("2464c4abcf10c957", 1559731985, "198.51.100.100", "010000005cf79f111f8130c3eee29480"),
            ("2464c4abcf10c957", 1559734385, "198.51.100.100", "010000005cf7a871d4a564a1442aca77"),
        ],
    )
    def test_the_vectors_of_appendix_a(self, client: str, stamp: int, address: str, server: str) -> None:
        jar = CookieJar(bytes.fromhex("e5e973e5a6b2a43f48e7dc849e37bfcf"))
        assert jar.make(bytes.fromhex(client), address, stamp).hex() == server

    def test_the_vector_with_an_ipv6_address(self) -> None:
        jar = CookieJar(bytes.fromhex("445536bcd2513298075a5d379663c962"))
        made = jar.make(bytes.fromhex("22681ab97d52c298"), "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961)
        assert made.hex() == "010000005cf7c609a6bb79d16625507a"

    def test_the_vector_with_reserved_octets_that_are_not_zero(self) -> None:
        """4.2: a server must not enforce them to be zero, and hashes them as they came."""
        jar = CookieJar(bytes.fromhex("e5e973e5a6b2a43f48e7dc849e37bfcf"))
        cookie = bytes.fromhex("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5")
        assert jar.is_valid(cookie, "203.0.113.203", 1559727985)
        assert (
            jar.answer(cookie, "203.0.113.203", 1559734700)
            .hex()
            .startswith("fc93fc62807ddb86010000005cf7a9ac")
        )

    def test_siphash_has_the_value_of_its_authors(self) -> None:
        assert siphash24(bytes(range(16)), bytes(range(15))).hex() == "e545be4961ca29a1"

    @pytest.mark.parametrize(
        ("age", "valid"), [(0, True), (3600, True), (3601, False), (-300, True), (-301, False)]
    )
    def test_age_bounds(self, age: int, valid: bool) -> None:
        """4.3: an hour back, five minutes ahead."""
        jar = CookieJar(bytes(16))
        cookie = b"abcdefgh" + jar.make(b"abcdefgh", "192.0.2.1", 10_000)
        assert jar.is_valid(cookie, "192.0.2.1", 10_000 + age) is valid
        assert not jar.is_valid(cookie, "192.0.2.2", 10_000)

    def test_an_old_cookie_is_renewed(self) -> None:
        jar = CookieJar(bytes(16))
        cookie = b"abcdefgh" + jar.make(b"abcdefgh", "::1", 10_000)
        assert jar.answer(cookie, "::1", 11_799) == cookie
        assert jar.answer(cookie, "::1", 11_800) != cookie


class TestRateLimit:
    @pytest.mark.parametrize(
        ("one", "other", "together"),
        [
            ("192.0.2.1", "192.0.2.255", True),
            ("192.0.2.1", "192.0.3.1", False),
            ("2001:db8::1", "2001:db8::2:2", True),
            ("2001:db8:0:1::1", "2001:db8:0:1:2:3:4:5", True),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
            ("::1", "1::", False),
        ],
    )
    def test_askers_of_one_network_count_as_one(self, one: str, other: str, together: bool) -> None:
        """/24 and /64, however an address is written."""
        limiter, wire = RateLimiter(1), answer(query("http1"))
        assert limiter.judge(one, wire, 0.0) is Verdict.SEND
        assert (limiter.judge(other, wire, 0.0) is not Verdict.SEND) is together

    def test_over_the_rate_answers_slip_or_drop(self) -> None:
        limiter, wire = RateLimiter(5), answer(query("http1"))
        verdicts = [limiter.judge("192.0.2.1", wire, 0.0) for _ in range(9)]
        assert verdicts[:5] == [Verdict.SEND] * 5
        assert set(verdicts[5:]) == {Verdict.SLIP, Verdict.DROP}
        assert limiter.judge("192.0.2.200", wire, 0.0) is not Verdict.SEND
        assert limiter.judge("192.0.3.1", wire, 0.0) is Verdict.SEND
        assert limiter.judge("192.0.2.1", answer(query("h2")), 0.0) is Verdict.SEND
        assert limiter.judge("192.0.2.1", wire, 1.0) is Verdict.SEND

    def test_names_that_do_not_exist_count_together(self) -> None:
        limiter = RateLimiter(2)
        verdicts = [limiter.judge("::1", answer(query(f"none{n}")), 0.0) for n in range(4)]
        assert verdicts[:2] == [Verdict.SEND] * 2
        assert Verdict.SEND not in verdicts[2:]

    def test_what_slips_is_header_and_question(self) -> None:
        message = dns.message.from_wire(slipped(answer(query("http1"))))
        assert message.flags & 0x0200
        assert (len(message.question), len(message.answer)) == (1, 0)


class TestStore:
    def test_a_change_survives_a_reload(self) -> None:
        server = make()
        server.store.add(Record(from_text("new.wireyard.test."), 60, Type.A, Rdata(bytes([192, 0, 2, 1]))))
        server.store.remove(HTTP1, Type.A)
        server.load(int(NOW) + 5)
        assert dns.message.from_wire(answer(query("new"), UDP, server)).answer
        assert not dns.message.from_wire(answer(query("http1"), UDP, server)).answer
        server.store.reset()
        assert dns.message.from_wire(answer(query("http1"), UDP, server)).answer

    def test_what_does_not_fit_changes_nothing(self) -> None:
        server = make()
        before = server.store.zones
        with pytest.raises(ZoneError):
            server.store.add(Record(HTTP1, 60, Type.CNAME, Rdata(b"", (HTTP1,))))
        with pytest.raises(RecordError):
            server.store.remove(from_text("wireyard.test."), Type.SOA)
        assert server.store.zones is before
        assert server.store.records() == []

    def test_serial_numbers_only_grow(self) -> None:
        server = make()
        apex = from_text("wireyard.test.")
        serials = [server.store.zones[apex].serial]
        for step in range(3):
            server.store.add(Record(HTTP1, 60, Type.A, Rdata(bytes([192, 0, 2, step]))))
            serials.append(server.store.zones[apex].serial)
        server.load(int(NOW))
        serials.append(server.store.zones[apex].serial)
        assert serials == sorted(set(serials))

    def test_a_zone_read_while_another_changed_comes_after_it(self) -> None:
        server = make()
        apex = from_text("wireyard.test.")
        late = server.read(int(NOW))
        for step in range(3):
            server.store.add(Record(HTTP1, 60, Type.A, Rdata(bytes([192, 0, 2, step]))))
        before = server.store.zones[apex].serial
        server.store.load(late)
        assert server.store.zones[apex].serial > before


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


@pytest.mark.parametrize(
    ("network", "zone"),
    [
        ("10.77.0.0/24", "0.77.10.in-addr.arpa."),
        ("10.77.0.0/20", "77.10.in-addr.arpa."),
        ("127.0.0.0/8", "127.in-addr.arpa."),
        ("fd77::/64", "0.0.0.0.0.0.0.0.0.0.0.0.7.7.d.f.ip6.arpa."),
    ],
)
def test_reverse_zones_are_cut_at_whole_labels(network: str, zone: str) -> None:
    assert to_text(yard.zone_of(ip_network(network))) == zone


@pytest.mark.parametrize("wire", [b"", b"junk", query("http1")[:-3], query("http1"), b"\xff" * 64])
def test_the_journal_can_tell_of_any_octets(wire: bytes) -> None:
    facts = dict(MessageFacts(wire))
    assert facts["bytes"] == len(wire)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (query("http1", extra=1, tail=opt(version=1)), "BADVERS"),
        (query("bad-cookie.lies", extra=1, tail=opt(options=option(10, b"12345678"))), "BADCOOKIE"),
        (query("servfail.lies", extra=1, tail=opt()), "SERVFAIL"),
        (query("http1", 255, extra=1, tail=opt()), "NOERROR"),
        (b"\0\1" + bytes(2) + b"\0\1" + bytes(6), "FORMERR"),
    ],
)
def test_the_journal_tells_the_whole_code_of_an_answer(asked: bytes, code: str) -> None:
    """RFC 6891 6.1.3: the upper eight bits stand in the OPT record."""
    assert describe(answer(asked))["rcode"] == code


@pytest.mark.parametrize("size", [KEPT - 1, KEPT, KEPT + 1, KEPT + 4, 65_535])
def test_of_a_long_message_the_journal_keeps_the_beginning_and_tells_the_length(size: int) -> None:
    wire = query("http1", tail=bytes(size))[:size]
    kept = noted(wire)
    assert len(kept) <= KEPT + 4
    assert describe(kept) == {**describe(query("http1")), "bytes": size}


def test_the_contract_lists_every_lie_and_no_other() -> None:
    text = (ZONES.parent / "CONTRACT.md").read_text(encoding="utf-8")
    listed = [
        line.split("`")[1] for line in text.partition("## Lies")[2].splitlines() if line.startswith("| `")
    ]
    assert listed == list(LIES)


def test_the_contract_tells_the_limits_as_they_are() -> None:
    text = (ZONES.parent / "CONTRACT.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `WIREYARD_")]
    told = {name.strip(" `").removeprefix("WIREYARD_").lower(): default.strip() for name, default in rows}
    limits = {"idle", "connections", "pipeline", "rate_limit", "upstream_timeout"}
    defaults = {field.name: field.default for field in fields(DNSSettings) if field.name in limits}
    assert {name: float(told[name]) for name in limits} == defaults
