"""Attacks as data: what a hostile client sends, and the CVE or clause that it is known by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.http2.wire import (
    CONTINUATION,
    GET,
    HEADERS,
    PRIORITY_UPDATE,
    block,
    data,
    frame,
    headers,
    literal,
    opened,
    ping,
    priority,
    request,
    reset,
    settings,
    window,
)

_MANY = 40_000
_SLICE = 200
"""Frames that are sent at once."""


@dataclass(frozen=True, slots=True)
class Attack:
    """`flight(n)` gives the n-th slice of octets; slices are sent until the server ends the session."""

    name: str
    known_as: str
    flight: Callable[[int], bytes]
    opening: bytes = b""

    def flights(self) -> Iterator[bytes]:
        """Every slice, the opening first."""
        yield self.opening
        for number in range(_MANY // _SLICE):
            yield self.flight(number)


def _streams(number: int) -> Iterator[int]:
    """The identifiers of the streams that a slice may open."""
    return iter(range(2 * _SLICE * number + 1, 2 * _SLICE * (number + 1), 2))


def _each(number: int, make: Callable[[int], bytes]) -> bytes:
    return b"".join(map(make, _streams(number)))


def _bomb(stream: int) -> bytes:
    """A field of 3,900 octets, put into the table and named 10,000 times: 39 MB (CVE-2016-6581)."""
    return frame(HEADERS, 0x5, stream, block(GET) + literal(b"x", b"y" * 3_900, 0x40) + b"\xbe" * 10_000)


_DELIVERY = opened(1)
_PRIORITY_UPDATE = frame(PRIORITY_UPDATE, 0, 0, b"\0\0\0\1u=1")

ATTACKS = (
    Attack("rapid-reset", "CVE-2023-44487", lambda n: _each(n, lambda s: request(s) + reset(s))),
    Attack("rapid-reset-of-uploads", "CVE-2023-44487", lambda n: _each(n, lambda s: opened(s) + reset(s))),
    Attack("made-you-reset", "CVE-2025-8671", lambda n: _each(n, lambda s: opened(s) + window(s, 0))),
    Attack("half-open-streams", "RFC 9113 10.5", lambda n: _each(n, opened)),
    Attack("malformed-requests", "RFC 9113 10.5", lambda n: _each(n, lambda s: request(s, (b"Upper", b"1")))),
    Attack(
        "continuation",
        "CVE-2024-27316",
        lambda _: frame(CONTINUATION, 0, 1, literal(b"x-more", b"y" * 100)) * _SLICE,
        headers(1, GET, 0),
    ),
    Attack(
        "continuation-empty",
        "CVE-2019-9516",
        lambda _: frame(CONTINUATION, 0, 1) * _SLICE,
        headers(1, GET, 0),
    ),
    Attack("hpack-bomb", "CVE-2016-6581", lambda n: _bomb(2 * n + 1)),
    Attack("settings", "CVE-2019-9515", lambda _: settings((3, 100)) * _SLICE),
    Attack("ping", "CVE-2019-9512", lambda _: ping() * _SLICE),
    Attack("priority", "CVE-2019-9513", lambda _: priority(1, 3) * _SLICE),
    Attack(
        "priority-update", "RFC 9218 7.1", lambda _: frame(PRIORITY_UPDATE, 0, 0, b"\0\0\0\1u=1") * _SLICE
    ),
    Attack("empty-data", "CVE-2019-9518", lambda _: data(1, b"", 0) * _SLICE, _DELIVERY),
    Attack("data-of-one-octet", "CVE-2019-9511", lambda _: data(1, b"x", 0) * _SLICE, opened(1)),
    Attack("padding-only", "RFC 9113 10.5", lambda _: frame(0, 0x8, 1, b"\0") * _SLICE, _DELIVERY),
    Attack("window-update", "RFC 9113 10.5", lambda _: window(0, 1) * _SLICE),
    Attack("unknown-frames", "RFC 9113 10.5", lambda _: frame(0xFE, 0, 0) * _SLICE),
)
