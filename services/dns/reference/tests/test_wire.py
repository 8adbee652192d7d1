"""Reading queries: what is refused and why, and that nothing makes the reader fall or linger."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dns.reference.errors import MessageError
from services.dns.reference.tests.fuzz import check
from services.dns.reference.tests.world import UDP, opt, query, shared
from services.dns.reference.wire import HEADER, parse_head, parse_query, skip_name
from services.kit.tests.fuzz import run

GOOD = query("http1")


def read(data: bytes) -> None:
    head = parse_head(data)
    assert head is not None
    parse_query(data, head)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (GOOD[:4] + b"\0\2" + GOOD[6:], "one question"),
        (GOOD[:6] + b"\0\1" + GOOD[8:], "one question"),
        (GOOD[:-1], "past the packet"),
        (GOOD + b"x", "1 octets behind"),
        (GOOD[:12] + b"\xc0\x0c\0\1\0\1", "pointer"),
        (GOOD[:12] + b"\x40", "label type"),
        (GOOD[:12] + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1", "longer than 255"),
        (query("a", extra=1), "past the packet"),
        (query("a", extra=1, tail=opt()[:-2] + b"\0\5"), "data runs past"),
        (query("a", extra=2, tail=opt() * 2), "second"),
        (query("a", extra=1, tail=b"\1a" + opt()), "misplaced"),
        (query("a", extra=1, tail=b"\xc0\xff" + opt()[1:]), "leads nowhere"),
        (query("a", extra=1, tail=b"\xc0\x04" + opt()[1:]), "leads nowhere"),
        (query("a", extra=1, tail=b"\x80" + opt()[1:]), "unknown label type"),
    ],
)
def test_what_is_malformed_is_refused_with_the_rule(data: bytes, reason: str) -> None:
    with pytest.raises(MessageError, match=reason) as caught:
        read(data)
    assert caught.value.rcode == 1


def test_other_opcodes_are_not_implemented() -> None:
    with pytest.raises(MessageError) as caught:
        read(query("a", flags=0x2000))
    assert caught.value.rcode == 4


@pytest.mark.parametrize("data", [b"", GOOD[:11], query("a", flags=0x8000)])
def test_scraps_and_responses_have_no_head(data: bytes) -> None:
    assert parse_head(data) is None


def test_pointers_must_go_backwards_each_time() -> None:
    """RFC 1035 4.1.4: a prior occurrence; a chain of pointers therefore ends."""
    data = bytes(12) + b"\1a\0" + b"\1b\xc0\x0c" + b"\xc0\x0f"
    assert skip_name(data, 19) == 21
    with pytest.raises(MessageError):
        skip_name(bytes(12) + b"\xc0\x0e\xc0\x0c", 12)
    with pytest.raises(MessageError):
        skip_name(bytes(12) + b"\1a\xc0\x0c", 12)


@settings(deadline=None)  # the first input builds the zones, which takes a loaded machine long
@given(st.binary(max_size=80), st.integers(0, 0x7FFF))
def test_any_octets_behind_any_header_are_answered_or_dropped(body: bytes, flags: int) -> None:
    """Hypothesis looks for a packet that raises something else than the reader's own error."""
    for counts in ((1, 0, 0, 0), (1, 0, 0, 1), (0, 0, 0, 1), (1, 0, 1, 1)):
        shared().respond(HEADER.pack(1, flags, *counts) + body, UDP, 0.0)


def test_mutated_queries_keep_to_the_rules() -> None:
    """For long: `make fuzz ROLE=dns SECONDS=600`."""
    assert run(check, 2, 1035) > 500


def test_an_error_is_never_larger_than_its_query_by_much() -> None:
    """An answer to what was refused carries the question and a reason, no more."""
    for data in (
        GOOD[:-1],
        GOOD + b"junk",
        query("a", rrclass=3),
        query("a", rrclass=3, extra=1, tail=opt()),
    ):
        (delivery,) = shared().respond(data, UDP, 0.0).deliveries
        assert len(delivery.wire) <= len(data) + 120
