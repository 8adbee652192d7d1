"""Field lines (RFC 9112 5)."""

from __future__ import annotations

from tests.http1.syntax.case import ACCEPTED, GET, HOST, Case, Topic, body, field

FIELDS = Topic(
    "Field lines",
    "syntax-fields",
    (
        Case("no white space around the value", ("9112", "5"), field(b"X-A:1"), ACCEPTED),
        Case("tabs and spaces around the value", ("9112", "5"), field(b"X-A: \t 1 \t "), ACCEPTED),
        Case("an empty value", ("9110", "5.5"), field(b"X-A:"), ACCEPTED),
        Case("octets past ASCII in a value", ("9110", "5.5"), field("X-A: 过生日".encode()), ACCEPTED),
        Case("every tchar in a name", ("9110", "5.6.2"), field(b"!#$%&'*+-.^_`|~0Az: 1"), ACCEPTED),
        Case("a space before the colon", ("9112", "5.1"), field(b"X-A : 1")),
        Case("a tab before the colon", ("9112", "5.1"), field(b"X-A\t: 1")),
        Case(
            "a space before the colon of Content-Length",
            ("9112", "5.1"),
            body(b"Content-Length : 5", b"hello"),
        ),
        Case(
            "a space before the colon of Transfer-Encoding",
            ("9112", "5.1"),
            body(b"Transfer-Encoding : chunked", b"0\r\n\r\n"),
        ),
        Case("a space in a name", ("9110", "5.1"), field(b"X A: 1")),
        Case("a slash in a name", ("9110", "5.1"), field(b"X/A: 1")),
        Case("octets past ASCII in a name", ("9110", "5.1"), field("X-Ä: 1".encode())),
        Case("no name", ("9110", "5.1"), field(b": 1")),
        Case("no colon", ("9112", "5"), field(b"X-A")),
        Case("white space before the first field", ("9112", "2.2"), GET + b" " + HOST + b"\r\n"),
        Case("a folded field", ("9112", "5.2"), field(b"X-A: 1\r\n  2")),
        Case("a field folded with a tab", ("9112", "5.2"), field(b"X-A: 1\r\n\t2")),
        Case(
            "a folded Transfer-Encoding",
            ("9112", "5.2"),
            body(b"Transfer-Encoding:\r\n chunked", b"0\r\n\r\n"),
        ),
        Case("a line of white space", ("9112", "5.2"), field(b"X-A: 1\r\n ")),
        Case("a bare LF ends a field", ("9112", "2.2"), GET + HOST + b"X-A: 1\nX-B: 2\r\n\r\n"),
        Case("bare LFs end the head", ("9112", "2.2"), b"GET /todos HTTP/1.1\nHost: a.wireyard.test\n\n"),
        Case("a bare LF is the empty line", ("9112", "2.2"), GET + HOST + b"\n"),
        Case("a bare CR in a value", ("9112", "2.2"), field(b"X-A: 1\r2")),
        Case("a bare CR ends a field", ("9112", "2.2"), GET + HOST + b"X-A: 1\rX-B: 2\r\n\r\n"),
        Case("CR CR LF ends a field", ("9112", "2.2"), GET + HOST + b"X-A: 1\r\r\n\r\n"),
        Case("a NUL in a value", ("9110", "5.5"), field(b"X-A: 1\x002")),
        Case("a NUL in a name", ("9110", "5.1"), field(b"X\x00A: 1")),
        Case("an escape character in a value", ("9110", "5.5"), field(b"X-A: \x1b[2J")),
        Case("a form feed in a value", ("9110", "5.5"), field(b"X-A: 1\x0c2")),
        Case("a vertical tab before a value", ("9110", "5.5"), field(b"X-A:\x0b1")),
        Case("a delete character in a value", ("9110", "5.5"), field(b"X-A: 1\x7f")),
        Case("a field of 17,000 octets", ("6585", "5"), field(b"X-A: " + b"a" * 17000), 431),
        Case("101 fields", ("6585", "5"), field(b"\r\n".join(b"X-%d: 1" % n for n in range(100))), 431),
        Case(
            "a head of 70,000 octets",
            ("6585", "5"),
            field(b"\r\n".join(b"X-%d: " % n + b"a" * 1000 for n in range(69))),
            431,
        ),
    ),
)
