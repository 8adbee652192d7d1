"""How long the content of a request is (RFC 9112 6): what could be read in two ways is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

from services.http.reference.h1.errors import BadMessage

NONE, CHUNKED = 0, -1
"""Framings other than a number of bytes."""

_DIGITS = re.compile(rb"[0-9]{1,19}").fullmatch
_CODING = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_LONGEST = 2**63 - 1

Values = list[bytes]


def framing(method: str, version: str, codings: Values, lengths: Values) -> int:
    """NONE, CHUNKED or a length in bytes, from all Transfer-Encoding and Content-Length values.

    Raises BadMessage for what the tables below refuse.
    """
    for applies, status, words, clause in REFUSED:
        if applies(method, version, codings, lengths):
            raise BadMessage(status, words, clause)
    if codings:
        return _chunked(b",".join(codings))
    return int(lengths[0]) if lengths else NONE


def _has_bad_length(_method: str, _version: str, _codings: Values, lengths: Values) -> bool:
    return any(not _DIGITS(value) or int(value) > _LONGEST for value in lengths)


Rule = tuple[Callable[[str, str, Values, Values], bool], int, str, str]

REFUSED: tuple[Rule, ...] = (
    (
        lambda _m, _v, codings, lengths: bool(codings and lengths),
        400,
        "Transfer-Encoding and Content-Length come together",
        "RFC 9112 6.1",
    ),
    (
        lambda _m, version, codings, _l: bool(codings) and version == "1.0",
        400,
        "Transfer-Encoding in HTTP/1.0",
        "RFC 9112 6.1",
    ),
    (
        lambda method, _v, codings, lengths: method in ("CONNECT", "TRACE") and bool(codings or lengths),
        400,
        "the method takes no content",
        "RFC 9110 9.3.6, 9.3.8",
    ),
    (
        lambda _m, _v, _c, lengths: len(lengths) > 1,
        400,
        "Content-Length is repeated",
        "RFC 9112 6.3",
    ),
    (_has_bad_length, 400, "Content-Length is not a number of bytes", "RFC 9110 8.6"),
)


def _chunked(value: bytes) -> int:
    """CHUNKED, when that is the one coding (RFC 9112 6.1, 7)."""
    codings = [coding.strip(b" \t").lower() for coding in value.split(b",")]
    if codings[-1] != b"chunked":
        raise BadMessage(400, "Transfer-Encoding does not end in chunked", "RFC 9112 6.3")
    if codings.count(b"chunked") > 1 or not all(map(_CODING, codings)):
        raise BadMessage(400, "Transfer-Encoding is malformed", "RFC 9112 6.1")
    if len(codings) > 1:
        raise BadMessage(501, "no transfer coding but chunked is implemented", "RFC 9112 6.1")
    return CHUNKED
