"""Request heads: every piece size, and what is refused when."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proxy.reference.errors import Malformed, Refusal
from services.proxy.reference.head import LONGEST_HEAD, LONGEST_LINE, MOST_FIELDS, Head, HeadReader
from services.proxy.reference.requests import Page, understand
from services.proxy.reference.target import Target, parse_target

CONNECT = b"CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\nX-Y:\t value \t\r\n\r\n"


def head(data: bytes) -> Head:
    found = HeadReader().feed(data)
    assert found is not None
    return found


class TestReader:
    @pytest.mark.parametrize("size", range(1, len(CONNECT) + 5))
    def test_a_head_in_pieces_of_any_size(self, size: int) -> None:
        data, reader, found = CONNECT + b"rest", HeadReader(), None
        for start in range(0, len(data), size):
            found = reader.feed(data[start : start + size])
            if found:
                rest = reader.rest() + data[start + size :]
                break
        assert found == Head("CONNECT", "a.test:80", (1, 1), ((b"host", b"a.test"), (b"x-y", b"value")))
        assert rest == b"rest"

    def test_empty_lines_before_a_request_are_ignored(self) -> None:
        assert head(b"\r\n\r\n" + CONNECT).method == "CONNECT"

    def test_two_heads_one_after_the_other(self) -> None:
        reader = HeadReader()
        assert reader.feed(CONNECT + CONNECT) is not None
        assert reader.feed(b"") is not None
        assert reader.feed(b"") is None

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (b"\x16\x03\x01", 400),
            (b" GET", 400),
            (b"GET / HTTP/1.1\n", 400),
            (b"\nGET", 400),
            (b"A" * (LONGEST_LINE + 1), 414),
            (b"GET / HTTP/1.1\r\nX: " + b"a" * LONGEST_HEAD, 431),
            (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * (MOST_FIELDS + 1) + b"\r\n", 431),
            (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ],
    )
    def test_what_cannot_become_a_head_is_refused_at_once(self, data: bytes, status: int) -> None:
        with pytest.raises(Malformed) as caught:
            HeadReader().feed(data)
        assert caught.value.status == status

    @given(st.binary(max_size=300), st.integers(1, 40))
    def test_no_bytes_raise_anything_but_malformed(self, data: bytes, size: int) -> None:
        reader = HeadReader()
        with suppress(Malformed):
            for start in range(0, len(data), size):
                reader.feed(data[start : start + size])

    PARTS = (b"CONNECT", b" ", b"a:1", b"HTTP/1.1", b"\r\n", b"Host:", b"x", b"\n", b"\0")

    @given(st.lists(st.sampled_from(PARTS)))
    def test_no_order_of_a_heads_parts_does_either(self, parts: list[bytes]) -> None:
        try:
            found = HeadReader().feed(b"".join(parts))
        except Malformed:
            return
        assert found is None or found.values(b"host") or found.version == (1, 0)


class TestHost:
    @pytest.mark.parametrize(
        "host", ["a.test", "a.test:80", "a.test:", "10.0.0.1:1", "[fd00::1]:443", "a%41"]
    )
    def test_a_host_with_or_without_a_port(self, host: str) -> None:
        assert head(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).values(b"host") == [host.encode()]

    NONE = (
        "",
        ":80",
        "me@a.test",
        "a.test/",
        "a.test,b.test",
        "a.test:x",
        "a.test:65536",
        "[fd00::1",
        "[v]",
        "a b",
    )

    @pytest.mark.parametrize("version", ["1.1", "1.0"])
    @pytest.mark.parametrize("host", NONE)
    def test_what_is_no_host_is_refused(self, host: str, version: str) -> None:
        """RFC 9112 3.2, RFC 3986 3.2.2: an empty one among it."""
        with pytest.raises(Malformed) as caught:
            HeadReader().feed(f"GET / HTTP/{version}\r\nHost: {host}\r\n\r\n".encode())
        assert caught.value.status == 400


class TestConnection:
    @pytest.mark.parametrize(
        ("request_line", "fields", "kept"),
        [
            ("GET / HTTP/1.1", "", True),
            ("GET / HTTP/1.1", "Connection: Close\r\n", False),
            ("GET / HTTP/1.1", "Connection: te, close\r\n", False),
            ("GET / HTTP/1.1", "Content-Length: 0\r\n", True),
            ("GET / HTTP/1.1", "Content-Length: 3\r\n", False),
            ("GET / HTTP/1.1", "Transfer-Encoding: chunked\r\n", False),
            ("GET / HTTP/1.0", "Connection: keep-alive\r\n", False),
            ("GET / HTTP/1.7", "", True),
        ],
    )
    def test_which_requests_may_be_followed_by_another(
        self, request_line: str, fields: str, kept: bool
    ) -> None:
        assert head(f"{request_line}\r\nHost: a\r\n{fields}\r\n".encode()).keeps_alive is kept


class TestMeaning:
    @pytest.mark.parametrize(
        ("line", "meaning"),
        [
            ("CONNECT a.test:80", Target("a.test", 80)),
            ("GET /", Page("okay")),
            ("HEAD /x?y", Page("okay")),
            ("OPTIONS *", Page("okay", (("Allow", "CONNECT, GET, HEAD, OPTIONS"),))),
        ],
    )
    def test_what_is_done(self, line: str, meaning: Target | Page) -> None:
        assert understand(head(f"{line} HTTP/1.1\r\nHost: a\r\n\r\n".encode())) == meaning

    @pytest.mark.parametrize(
        ("line", "status"),
        [
            ("POST /", 405),
            ("GET http://a.test/", 405),
            ("CONNECTED /", 405),
            ("GET a.test:80", 400),
            ("GET *", 400),
            ("CONNECT /", 400),
            ("CONNECT http://a.test:80", 400),
        ],
    )
    def test_what_is_not(self, line: str, status: int) -> None:
        with pytest.raises(Refusal) as caught:
            understand(head(f"{line} HTTP/1.1\r\nHost: a\r\n\r\n".encode()))
        assert caught.value.status == status
        assert (status == 405) == bool(dict(caught.value.fields).get("Allow"))


class TestTarget:
    @pytest.mark.parametrize("text", ["a.test:80", "10.0.0.1:1", "[fd00::1]:65535", "xn--bcher-kva.test:443"])
    def test_it_reads_what_it_writes(self, text: str) -> None:
        assert str(parse_target(text)) == text

    @given(st.text(max_size=60))
    def test_no_text_raises_anything_but_malformed(self, text: str) -> None:
        try:
            target = parse_target(text)
        except Malformed:
            return
        assert 0 < target.port < 65_536
