"""What the journal keeps of a message, and tells of it."""

from __future__ import annotations

import pytest

from services.dns.reference.facts import KEPT, MessageFacts, describe, noted
from services.dns.reference.tests.world import answer, opt, option, query


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
