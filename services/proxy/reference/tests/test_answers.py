"""Answers on the wire, and Proxy-Status."""

from __future__ import annotations

import pytest

from services.proxy.reference import answers
from services.proxy.reference.auth import Users
from services.proxy.reference.errors import Cause, PolicyError, Refusal
from services.proxy.reference.limits import Limits

NOON = 784_111_777.9
REFUSAL = Refusal(502, Cause.DNS_ERROR, 'no "such" name\\é', rcode="NXDOMAIN")


def test_an_opened_tunnel_announces_no_content() -> None:
    assert answers.http1(answers.established("p.test", "10.0.0.1:80"), NOON) == (
        b"HTTP/1.1 200 Connection established\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        b'Proxy-Status: p.test; next-hop="10.0.0.1:80"\r\n\r\n'
    )


def test_proxy_status_is_a_structured_field() -> None:
    assert answers.proxy_status("p.test", REFUSAL) == (
        'p.test; error=dns_error; rcode="NXDOMAIN"; details="no \\"such\\" name\\\\?"'
    )


def test_close_and_head() -> None:
    page = answers.page(200, "okay")
    whole, bare = answers.http1(page, NOON, close=True), answers.http1(page, NOON, body=False)
    assert whole.endswith(b"Content-Length: 5\r\nConnection: close\r\n\r\nokay\n")
    assert bare.endswith(b"Content-Length: 5\r\n\r\n")


class TestUsers:
    GOOD = b"Basic cGF0OnMzY3JldA=="  # pat:s3cret

    def test_a_user_and_another(self) -> None:
        Users(["eve:x", "pat:s3cret"]).check([self.GOOD])
        Users([]).check([])

    @pytest.mark.parametrize(
        "credentials",
        [
            [],
            [b"Basic cGF0Ondyb25n"],
            [b"Bearer cGF0OnMzY3JldA=="],
            [b"Basic !!!"],
            [b"Basic"],
            [b""],
            [GOOD, GOOD],
        ],
    )
    def test_others_are_challenged(self, credentials: list[bytes]) -> None:
        with pytest.raises(Refusal) as caught:
            Users(["pat:s3cret"]).check(credentials)
        assert caught.value.status == 407
        assert dict(caught.value.fields)["Proxy-Authenticate"].startswith('Basic realm="')

    @pytest.mark.parametrize("pair", ["pat", ":secret", ""])
    def test_a_user_without_name_or_password_is_a_wrong_setting(self, pair: str) -> None:
        with pytest.raises(PolicyError):
            Users([pair])


class TestLimits:
    def test_all_and_each(self) -> None:
        limits = Limits(3, 2)
        limits.take("a")
        limits.take("a")
        with pytest.raises(Refusal) as caught:
            limits.take("a")
        assert caught.value.status == 429
        limits.take("b")
        with pytest.raises(Refusal) as caught:
            limits.take("c")
        assert caught.value.status == 503
        assert dict(caught.value.fields)["Retry-After"] == "1"
        limits.give("a")
        limits.take("c")
        assert limits.total == 3
