"""A first look at the reading of heads; the table of cases is in tests/http1."""

from __future__ import annotations

import pytest

from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.framing import CHUNKED
from services.http.reference.h1.head import read_head
from services.http.reference.h1.limits import Limits

LIMITS = Limits()


def test_head_says_target_authority_and_content() -> None:
    head = read_head(b"POST /a?b HTTP/1.1\r\nHost: x:1\r\nTransfer-Encoding: Chunked\r\n\r\n", "http", LIMITS)
    assert (head.request.method, head.request.target, head.request.authority) == ("POST", b"/a?b", "x:1")
    assert head.content == CHUNKED
    assert head.persistent


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"NOSUCH / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: x\r\n y: z\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ],
)
def test_what_breaks_a_rule_is_refused(raw: bytes, status: int) -> None:
    with pytest.raises(BadMessage) as refused:
        read_head(raw, "http", LIMITS)
    assert refused.value.status == status


def test_raw_utf8_in_the_target_is_kept_as_it_came() -> None:
    target = "/todos?name=张三".encode()
    assert read_head(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % target, "http", LIMITS).request.target == target
