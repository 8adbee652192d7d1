"""RFC 1035 4.2.2: a message over TCP has its length before it, and may be cut anywhere."""

from __future__ import annotations

import pytest

from services.dns.reference.framing import BATCH, framed, messages

SENT = [b"", b"x", bytes(255), bytes(256), b"\xff" * 65_535]
STREAM = b"".join(map(framed, SENT))


def test_what_was_framed_is_read_again() -> None:
    assert messages(STREAM, 0) == SENT


def test_reading_begins_where_it_is_told_to() -> None:
    assert messages(STREAM, len(framed(SENT[0]) + framed(SENT[1]))) == SENT[2:]
    assert messages(STREAM, len(STREAM)) == []


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4, 5, 6, 261, 262, 263, 519, 520, 521, len(STREAM) - 1])
def test_only_whole_messages_are_taken(cut: int) -> None:
    taken = messages(STREAM[:cut], 0)
    assert taken == SENT[: len(taken)]
    rest = STREAM[sum(2 + len(message) for message in taken) : cut]
    assert len(rest) < 2 or len(rest) - 2 < int.from_bytes(rest[:2])


def test_a_batch_is_the_most_that_is_taken_at_once() -> None:
    assert messages(framed(b"x") * (BATCH + 1), 0) == [b"x"] * BATCH
