"""DNS over HTTPS (RFC 8484)."""

from __future__ import annotations

import base64

import dns.message
import dns.rcode
import pytest

from tests.http.app.conftest import Fetch

rfc = pytest.mark.rfc
pytestmark = pytest.mark.feature("dns-over-https")
TYPE = "application/dns-message"


def query(name: str, rrtype: str = "A") -> bytes:
    message = dns.message.make_query(name, rrtype)
    message.id = 0  # RFC 8484 4.1: so that caches can work
    return message.to_wire()


class TestRFC8484:
    """4. The HTTP exchange."""

    @rfc("8484", "4.1")
    async def test_both_methods_give_the_same_answer(self, fetch: Fetch) -> None:
        octets = query("records.wireyard.test", "MX")
        encoded = base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
        by_get = await fetch("GET", f"/dns-query?dns={encoded}", {"accept": TYPE})
        by_post = await fetch("POST", "/dns-query", {"content-type": TYPE}, octets)
        assert (by_get.status, by_get.value("content-type")) == (200, TYPE)
        assert by_get.body == by_post.body
        reply = dns.message.from_wire(by_get.body)
        assert reply.answer[0][0].to_text() == "10 mail.wireyard.test."

    @rfc("8484", "4.2.1")
    async def test_an_error_of_dns_is_no_error_of_http(self, fetch: Fetch) -> None:
        answer = await fetch("POST", "/dns-query", {"content-type": TYPE}, query("nowhere.wireyard.test"))
        assert answer.status == 200
        assert dns.message.from_wire(answer.body).rcode() == dns.rcode.NXDOMAIN

    @rfc("8484", "5.1")
    @pytest.mark.parametrize(("name", "age"), [("ttl", 5400), ("records", 300), ("nowhere", 60)])
    async def test_freshness_is_the_least_ttl(self, fetch: Fetch, name: str, age: int) -> None:
        answer = await fetch("POST", "/dns-query", {"content-type": TYPE}, query(f"{name}.wireyard.test"))
        assert answer.value("cache-control") == f"max-age={age}"

    @rfc("8484", "6")
    async def test_large_answers_are_whole(self, fetch: Fetch) -> None:
        answer = await fetch(
            "POST", "/dns-query", {"content-type": TYPE}, query("larger.wireyard.test", "TXT")
        )
        assert len(dns.message.from_wire(answer.body).answer[0]) == 40

    @rfc("8484", "4.1")
    async def test_content_of_another_type_is_415(self, fetch: Fetch) -> None:
        answer = await fetch(
            "POST", "/dns-query", {"content-type": "text/plain"}, query("http1.wireyard.test")
        )
        assert answer.status == 415

    @pytest.mark.parametrize(
        "target", ["/dns-query", "/dns-query?dns=", "/dns-query?dns=a+b", "/dns-query?dns=AAAA"]
    )
    async def test_what_is_no_message_is_400(self, fetch: Fetch, target: str) -> None:
        assert (await fetch("GET", target)).status == 400

    async def test_a_message_that_is_too_large_is_413(self, fetch: Fetch) -> None:
        assert (await fetch("POST", "/dns-query", {"content-type": TYPE}, bytes(65_536))).status == 413

    @rfc("5936", "4.2")
    async def test_zones_are_not_transferred_here(self, fetch: Fetch) -> None:
        answer = await fetch("POST", "/dns-query", {"content-type": TYPE}, query("wireyard.test", "AXFR"))
        assert dns.message.from_wire(answer.body).rcode() == dns.rcode.REFUSED

    async def test_the_asker_is_seen_through(self, fetch: Fetch) -> None:
        octets = query("transport.reflect.wireyard.test", "TXT")
        answer = await fetch("POST", "/dns-query", {"content-type": TYPE}, octets)
        assert dns.message.from_wire(answer.body).answer[0][0].to_text() == '"https"'
