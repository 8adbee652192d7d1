"""Representations with validators and ranges: `/range/{n}`, `/etag/{etag}`, `/cache`, `/dated/{date}`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache

from services.http.app.exchange import Exchange
from services.http.app.inputs import LARGEST, Text, Whole
from services.http.app.message import Request, Response, json_response
from services.http.app.preconditions import Validators
from services.http.app.reflect import described, description
from services.http.app.routing import Immediate, Route
from services.http.app.serve_content import AT_ONCE, Representation, is_plain, precondition, serve

_SIZE = Whole(name="n", where="path", meaning="How many bytes", low=1, high=LARGEST)
_TAG = Text(
    name="etag",
    where="path",
    meaning="The entity tag that the representation has",
    pattern=r"[!#-~]+",
    examples=("v1",),
)
_AGE = Whole(name="n", where="path", meaning="For how many seconds it is fresh", high=31_536_000)
_STARTED = datetime.now(UTC).replace(microsecond=0)
_ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
_BLOCK = 65_536


@cache
def _letters(start: int) -> bytes:
    """A block of letters from one of the 26 on: made once, and sent ever after without being copied."""
    whole = _ALPHABET * (_BLOCK // 26 + 2)
    return whole[start : start + _BLOCK]


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The alphabet, over and over, `size` bytes of it."""

    size: int

    def read(self, first: int, last: int) -> Iterator[bytes]:
        """See ranges.Content."""
        while first <= last:
            piece = _letters(first % 26)[: last - first + 1]
            yield piece
            first += len(piece)


@dataclass(frozen=True, slots=True)
class InMemory:
    """Content that is at hand."""

    content: bytes

    @property
    def size(self) -> int:
        """How many bytes."""
        return len(self.content)

    def read(self, first: int, last: int) -> Iterable[bytes]:
        """See ranges.Content."""
        return (self.content[first : last + 1],)


async def ranged(exchange: Exchange) -> Response | None:
    """`/range/{n}`: n letters, whole or in ranges."""
    return await serve(exchange, _alphabet(_SIZE.of(exchange)))


def whole_range(request: Request, parameters: Mapping[str, str]) -> Immediate | None:
    """What answers `/range/{n}` from its head: all of it, where that is asked for and not too much."""
    try:
        size = _SIZE.parse(parameters["n"])
    except ValueError:
        return None  # the full handler tells what is wrong with it
    return (lambda _request: _alphabet(size).whole) if is_plain(request) and size <= AT_ONCE else None


@lru_cache(maxsize=32)
def _alphabet(size: int) -> Representation:
    known = Validators(b"range%d" % size, _STARTED)
    return Representation(Alphabet(size), b"application/octet-stream", known)


async def tagged(exchange: Exchange) -> Response | None:
    """`/etag/{etag}`: a representation that has this tag, to be read or changed under conditions."""
    known = Validators(_TAG.of(exchange).encode())
    if exchange.request.method not in ("GET", "HEAD"):
        refused = precondition(exchange, known)
        return refused or json_response(await described(exchange), 200, *known.fields)
    content = json.dumps(description(exchange), ensure_ascii=False).encode()
    return await serve(exchange, Representation(InMemory(content), b"application/json; charset=utf-8", known))


async def cached(exchange: Exchange) -> Response:
    """`/cache`: 304 for any condition, so that a cache can be seen to ask."""
    known = Validators(b"%d" % _STARTED.timestamp(), _STARTED)
    request = exchange.request
    if request.value(b"if-modified-since") or request.value(b"if-none-match"):
        return Response(304, known.fields)
    return json_response(description(exchange), 200, *known.fields)


async def fresh(exchange: Exchange) -> Response:
    """`/cache/{n}`: fresh for n seconds (RFC 9111 5.2.2.1)."""
    age = b"public, max-age=%d" % _AGE.of(exchange)
    return json_response(description(exchange), 200, (b"cache-control", age))


_RANGES, _CONDITIONS = "ranges", "conditional-requests"

ROUTES = (
    Route(
        ("GET",),
        "/range/{n}",
        ranged,
        "n letters, whole or in ranges",
        _RANGES,
        (_SIZE,),
        (200, 206, 304, 416),
        ("application/octet-stream", "multipart/byteranges"),
        shortcut=whole_range,
    ),
    Route(
        ("GET", "PUT", "POST", "PATCH", "DELETE"),
        "/etag/{etag}",
        tagged,
        "A representation with that entity tag",
        _CONDITIONS,
        (_TAG,),
        (200, 206, 304, 412, 416),
    ),
    Route(("GET",), "/cache", cached, "Answers 304 to any condition", _CONDITIONS, (), (200, 304)),
    Route(("GET",), "/cache/{n}", fresh, "Fresh for n seconds", _CONDITIONS, (_AGE,)),
)
