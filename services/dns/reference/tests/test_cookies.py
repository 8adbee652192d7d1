"""Cookies and rate limiting: who is believed to be who asks, and how much each is told."""

from __future__ import annotations

import dns.message
import dns.rcode
import dns.rrset
import pytest

from services.dns.reference.cookies import CookieJar, siphash24
from services.dns.reference.rrl import RateLimiter, Verdict, slipped
from services.dns.reference.tests.world import answer, query


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
