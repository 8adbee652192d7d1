"""A representation of known length answered as its conditions and ranges ask (RFC 9110 13, 14)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from services.http.app import ranges
from services.http.app.content import write
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.message import Fields, Request, Response
from services.http.app.preconditions import Validators, judge, range_applies

AT_ONCE = 65_536
"""Octets that are answered in one piece."""


@dataclass(frozen=True)
class Representation:
    """What is served: its content, its media type, and what it is known by."""

    content: ranges.Content
    media_type: bytes
    validators: Validators
    fields: Fields = ()

    @cached_property
    def whole(self) -> Response:
        """The answer to a plain GET, all in one piece: for what is no larger than AT_ONCE."""
        body = b"".join(self.content.read(0, self.content.size - 1))
        return Response(200, _head(self, self.media_type, self.content.size), body)


def is_plain(request: Request) -> bool:
    """Whether all of a representation is asked for, whatever the client holds."""
    return request.method == "GET" and not request.conditional


def precondition(exchange: Exchange, validators: Validators, fields: Fields = ()) -> Response | None:
    """The response that a condition calls for: 304 without content, or None. Raises Refused (412)."""
    verdict = judge(exchange.request, validators)
    if verdict == 412:
        raise Refused(412, "the representation is not the one that the condition names", validators.fields)
    return Response(304, (*validators.fields, *fields)) if verdict else None


async def serve(exchange: Exchange, shown: Representation) -> Response | None:
    """200, 206 (one part or several), 304, 412 or 416."""
    request = exchange.request
    if is_plain(request) and shown.content.size <= AT_ONCE:
        return shown.whole
    if (unchanged := precondition(exchange, shown.validators, shown.fields)) is not None:
        return unchanged
    spans, status = _spans(exchange, shown), 206
    if spans is None:
        spans, status = [ranges.Span(0, shown.content.size - 1)], 200
    if not spans:
        whole = b"bytes */%d" % shown.content.size
        raise Refused(416, "no byte of that range is there", ((b"content-range", whole),))
    if len(spans) == 1:
        return await _one(exchange, shown, spans[0], status)
    await _several(exchange, shown, spans)
    return None


def _spans(exchange: Exchange, shown: Representation) -> list[ranges.Span] | None:
    """Range counts for GET alone (RFC 9110 14.2), and where If-Range allows."""
    value = exchange.request.value(b"range")
    if (
        value is None
        or exchange.request.method != "GET"
        or not range_applies(exchange.request, shown.validators)
    ):
        return None
    return ranges.parse(value, shown.content.size)


async def _one(exchange: Exchange, shown: Representation, span: ranges.Span, status: int) -> Response | None:
    """One span: a whole response when it is small, otherwise piece by piece as the client takes it."""
    placed = ((b"content-range", span.field(shown.content.size)),) if status == 206 else ()
    fields = (*_head(shown, shown.media_type, span.size), *placed)
    pieces = shown.content.read(span.first, span.last)
    if span.size <= AT_ONCE and exchange.request.method != "HEAD":
        return Response(status, fields, b"".join(pieces))
    await write(exchange, status, fields, pieces)
    return None


async def _several(exchange: Exchange, shown: Representation, spans: list[ranges.Span]) -> None:
    media_type = b"multipart/byteranges; boundary=" + ranges.BOUNDARY
    size = ranges.multipart_size(spans, shown.content.size, shown.media_type)
    parts = ranges.multipart(shown.content, spans, shown.media_type)
    await write(exchange, 206, _head(shown, media_type, size), parts)


def _head(shown: Representation, media_type: bytes, size: int) -> Fields:
    return (
        (b"content-type", media_type),
        (b"content-length", b"%d" % size),
        (b"accept-ranges", b"bytes"),
        *shown.validators.fields,
        *shown.fields,
    )
