"""Malformed HTTP/1.1 responses, as data: each under the name of its fault, with the clause it breaks."""

from __future__ import annotations

from dataclasses import dataclass

_OK = b"HTTP/1.1 200 OK\r\n"
_TEXT = b"content-type: text/plain\r\n"
_SIZED = _TEXT + b"content-length: 5\r\n"
_CHUNKED = _OK + _TEXT + b"transfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One malformed response: all its bytes, what is wrong, and where it is forbidden."""

    data: bytes
    meaning: str
    clause: str


STATUS_LINES = {
    "no-version": Flaw(b"200 OK\r\n" + _SIZED + b"\r\nhello", "no HTTP version", "RFC 9112 4"),
    "bad-version": Flaw(
        b"HTTP/x.y 200 OK\r\n" + _SIZED + b"\r\nhello", "letters for a version", "RFC 9112 2.3"
    ),
    "version-3": Flaw(
        b"HTTP/3.0 200 OK\r\n" + _SIZED + b"\r\nhello", "a version of another wire", "RFC 9112 2.3"
    ),
    "short-code": Flaw(b"HTTP/1.1 20 OK\r\n" + _SIZED + b"\r\nhello", "two digits", "RFC 9112 4"),
    "long-code": Flaw(b"HTTP/1.1 2000 OK\r\n" + _SIZED + b"\r\nhello", "four digits", "RFC 9112 4"),
    "no-code": Flaw(b"HTTP/1.1 OK\r\n" + _SIZED + b"\r\nhello", "no status code", "RFC 9112 4"),
    "code-099": Flaw(b"HTTP/1.1 099 Low\r\n" + _SIZED + b"\r\nhello", "a code below 100", "RFC 9110 15"),
    "code-999": Flaw(b"HTTP/1.1 999 High\r\n" + _SIZED + b"\r\nhello", "a code above 599", "RFC 9110 15"),
    "bare-lf": Flaw(
        b"HTTP/1.1 200 OK\n" + _SIZED + b"\r\nhello", "a line that ends in LF alone", "RFC 9112 2.2"
    ),
    "garbage": Flaw(bytes(range(128, 256)) + b"\r\n\r\n", "no HTTP at all", "RFC 9112 2.1"),
    "tls": Flaw(b"\x15\x03\x01\x00\x02\x02\x46", "a TLS alert in clear", "RFC 9112 2.1"),
    "http2": Flaw(b"\0\0\0\x04\0\0\0\0\0", "a SETTINGS frame to an HTTP/1.1 client", "RFC 9113 3.4"),
}

FIELDS = {
    "giant": Flaw(
        _OK + _SIZED + b"x-giant: " + b"a" * 1024 * 1024 + b"\r\n\r\nhello",
        "one field of 1 MiB",
        "RFC 9110 5.4",
    ),
    "many": Flaw(
        _OK + _SIZED + b"".join(b"x-%d: y\r\n" % i for i in range(10_000)) + b"\r\nhello",
        "10,000 fields",
        "RFC 9110 5.4",
    ),
    "no-colon": Flaw(_OK + _SIZED + b"x-nothing\r\n\r\nhello", "a field without a colon", "RFC 9112 5"),
    "space-before-colon": Flaw(
        _OK + _SIZED + b"x-space : y\r\n\r\nhello", "a space before the colon", "RFC 9112 5.1"
    ),
    "empty-name": Flaw(_OK + _SIZED + b": y\r\n\r\nhello", "a field without a name", "RFC 9110 5.1"),
    "bad-name": Flaw(_OK + _SIZED + b"x(y): z\r\n\r\nhello", "a name that is no token", "RFC 9110 5.1"),
    "nul": Flaw(_OK + _SIZED + b"x-nul: a\0b\r\n\r\nhello", "NUL in a value", "RFC 9110 5.5"),
    "bare-cr": Flaw(_OK + _SIZED + b"x-cr: a\rb\r\n\r\nhello", "CR in a value", "RFC 9112 2.2"),
    "fold": Flaw(_OK + _SIZED + b"x-fold: a\r\n b\r\n\r\nhello", "a value on two lines", "RFC 9112 5.2"),
    "leading-space": Flaw(
        _OK + b" x: y\r\n" + _SIZED + b"\r\nhello", "a first field that starts with a space", "RFC 9112 2.2"
    ),
    "two-lengths": Flaw(
        _OK + _SIZED + b"content-length: 6\r\n\r\nhello!", "two lengths that differ", "RFC 9112 6.3"
    ),
    "signed-length": Flaw(
        _OK + _TEXT + b"content-length: +5\r\n\r\nhello", "a length with a sign", "RFC 9110 8.6"
    ),
    "negative-length": Flaw(
        _OK + _TEXT + b"content-length: -5\r\n\r\nhello", "a length below zero", "RFC 9110 8.6"
    ),
    "huge-length": Flaw(
        _OK + _TEXT + b"content-length: 99999999999999999999\r\n\r\nhello",
        "a length past 64 bits",
        "RFC 9110 8.6",
    ),
    "length-and-chunks": Flaw(
        _OK + _SIZED + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "a length and chunks, both",
        "RFC 9112 6.3",
    ),
    "unknown-coding": Flaw(
        _OK + _TEXT + b"transfer-encoding: cow\r\n\r\nhello", "a transfer coding nobody knows", "RFC 9112 6.1"
    ),
    "chunked-twice": Flaw(
        _OK + _TEXT + b"transfer-encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "chunked, twice",
        "RFC 9112 6.1",
    ),
}

CHUNKS = {
    "no-hex": Flaw(_CHUNKED + b"xyz\r\nhello\r\n0\r\n\r\n", "a size that is no number", "RFC 9112 7.1"),
    "negative": Flaw(_CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", "a size below zero", "RFC 9112 7.1"),
    "overflow": Flaw(
        _CHUNKED + b"10000000000000005\r\nhello\r\n0\r\n\r\n", "a size past 64 bits", "RFC 9112 7.1"
    ),
    "prefix": Flaw(_CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n", "a size with 0x", "RFC 9112 7.1"),
    "empty": Flaw(_CHUNKED + b"\r\nhello\r\n0\r\n\r\n", "no size", "RFC 9112 7.1"),
    "too-long": Flaw(
        _CHUNKED + b"5\r\nhello, world\r\n0\r\n\r\n", "more data than the size says", "RFC 9112 7.1"
    ),
    "no-crlf": Flaw(_CHUNKED + b"5\r\nhello0\r\n\r\n", "no line end behind the data", "RFC 9112 7.1"),
    "bare-lf": Flaw(_CHUNKED + b"5\nhello\n0\n\n", "lines that end in LF alone", "RFC 9112 2.2"),
    "truncated": Flaw(_CHUNKED + b"5\r\nhel", "the connection ends within a chunk", "RFC 9112 8"),
    "no-last": Flaw(_CHUNKED + b"5\r\nhello\r\n", "the connection ends without the last chunk", "RFC 9112 8"),
    "endless-extension": Flaw(
        _CHUNKED + b"5;x=" + b"y" * 1024 * 1024 + b"\r\nhello\r\n0\r\n\r\n",
        "an extension of 1 MiB",
        "RFC 9112 7.1.1",
    ),
    "bad-trailer": Flaw(
        _CHUNKED + b"5\r\nhello\r\n0\r\nx y: z\r\n\r\n", "a malformed trailer", "RFC 9112 7.1.2"
    ),
    "length-trailer": Flaw(
        _CHUNKED + b"5\r\nhello\r\n0\r\ncontent-length: 9\r\n\r\n", "a length as trailer", "RFC 9110 6.5.1"
    ),
}
