"""HTTP/1.1 syntax, case by case: what is sent, and how a strict server answers it.

The one table behind the tests in test_syntax.py and the page docs/http1-syntax.md, which
`python -m tests.http1.page` writes. Each case is sent whole, cut in pieces and byte by byte, and the answer
has to be the same. A request is sent behind each: behind a refused one it must not be answered, behind an
accepted one it must.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HOST = b"Host: a.wireyard.test\r\n"
GET = b"GET /todos?name=lisi HTTP/1.1\r\n"
POST = b"POST /echo HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
NEXT = b"GET /todos HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"

ACCEPTED = 0
"""As an answer: any final status but those that call the request malformed, too large or unknown."""
REFUSALS = frozenset((400, 408, 411, 414, 417, 421, 426, 431, 501, 505))


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `answer` is ACCEPTED, or the statuses that refuse it; the connection then closes.

    `method` is set where the answer to an accepted request depends on it.
    """

    name: str
    rfc: tuple[str, str]
    sent: bytes
    answer: int | tuple[int, ...] = 400
    method: str = "GET"

    @property
    def accepted(self) -> bool:
        """Whether the request is answered as one, and the connection goes on."""
        return self.answer == ACCEPTED

    def fits(self, status: int) -> bool:
        """Whether `status` is a right answer."""
        if isinstance(self.answer, tuple):
            return status in self.answer
        return status not in REFUSALS if self.accepted else status == self.answer


@dataclass(frozen=True, slots=True)
class Topic:
    """Cases of one subject, under the feature of the contract that owes them."""

    title: str
    feature: str
    cases: tuple[Case, ...]


def _line(line: bytes) -> bytes:
    return line + b"\r\n" + HOST + b"\r\n"


def _field(field: bytes) -> bytes:
    return GET + HOST + field + b"\r\n\r\n"


def _host(value: bytes) -> bytes:
    return GET + b"Host: " + value + b"\r\n\r\n"


def _body(fields: bytes, content: bytes = b"") -> bytes:
    return POST + fields + b"\r\n\r\n" + content


REQUEST_LINE = Topic(
    "The request line",
    "syntax-request-line",
    (
        Case("origin-form", ("9112", "3.2.1"), _line(b"GET /todos?name=lisi HTTP/1.1"), ACCEPTED),
        Case(
            "absolute-form",
            ("9112", "3.2.2"),
            _line(b"GET http://a.wireyard.test/todos?name=lisi HTTP/1.1"),
            ACCEPTED,
        ),
        Case("asterisk-form, OPTIONS", ("9112", "3.2.4"), _line(b"OPTIONS * HTTP/1.1"), ACCEPTED),
        Case("asterisk-form, GET", ("9112", "3.2.4"), _line(b"GET * HTTP/1.1")),
        Case("authority-form, GET", ("9112", "3.2.3"), _line(b"GET a.wireyard.test:80 HTTP/1.1")),
        Case("CONNECT without a port", ("9112", "3.2.3"), _line(b"CONNECT a.wireyard.test HTTP/1.1")),
        Case("CONNECT with a path", ("9112", "3.2.3"), _line(b"CONNECT /todos HTTP/1.1")),
        Case("CONNECT with userinfo", ("9112", "3.2.3"), _line(b"CONNECT me@a.wireyard.test:80 HTTP/1.1")),
        Case("no leading slash", ("9112", "3.2"), _line(b"GET todos HTTP/1.1")),
        Case(
            "a scheme of another protocol", ("9112", "3.2.2"), _line(b"GET ftp://a.wireyard.test/ HTTP/1.1")
        ),
        Case(
            "absolute-form with userinfo",
            ("9110", "4.2.4"),
            _line(b"GET http://me@a.wireyard.test/ HTTP/1.1"),
        ),
        Case("absolute-form without a host", ("9110", "4.2.1"), _line(b"GET http:///todos HTTP/1.1")),
        Case("a fragment", ("9112", "3.2"), _line(b"GET /todos#top HTTP/1.1")),
        Case("a quotation mark in the target", ("9112", "3.2"), _line(b'GET /"todos" HTTP/1.1')),
        Case("an angle bracket in the target", ("9112", "3.2"), _line(b"GET /<todos> HTTP/1.1")),
        Case("a percent sign before no digits", ("9112", "3.2"), _line(b"GET /todos?name=%zz HTTP/1.1")),
        Case("octets that are no UTF-8", ("9112", "3.2"), _line(b"GET /todos?name=\xff\xfe HTTP/1.1")),
        Case("a NUL in the target", ("9112", "3.2"), _line(b"GET /to\x00dos HTTP/1.1")),
        Case("a tab for a space", ("9112", "3"), _line(b"GET\t/todos HTTP/1.1")),
        Case("two spaces", ("9112", "3"), _line(b"GET  /todos HTTP/1.1")),
        Case("a space in the target", ("9112", "3"), _line(b"GET /to dos HTTP/1.1")),
        Case("a space behind the version", ("9112", "3"), _line(b"GET /todos HTTP/1.1 ")),
        Case("a space before the method", ("9112", "3"), _line(b" GET /todos HTTP/1.1")),
        Case("no target", ("9112", "3"), _line(b"GET HTTP/1.1")),
        Case("no version", ("9112", "3"), _line(b"GET /todos")),
        Case("nothing but a word", ("9112", "3"), _line(b"todos")),
        Case("a version in small letters", ("9112", "2.3"), _line(b"GET /todos http/1.1")),
        Case("another protocol's version", ("9112", "2.3"), _line(b"GET /todos HTP/1.1")),
        Case("a version of two digits", ("9112", "2.3"), _line(b"GET /todos HTTP/1.10")),
        Case("a version without a minor", ("9112", "2.3"), _line(b"GET /todos HTTP/1")),
        Case("a version with a sign", ("9112", "2.3"), _line(b"GET /todos HTTP/+1.1")),
        Case("HTTP/1.2 is read as 1.1", ("9110", "2.5"), _line(b"GET /todos HTTP/1.2"), ACCEPTED),
        Case("HTTP/0.9", ("9110", "15.6.6"), _line(b"GET /todos HTTP/0.9"), (400, 505)),
        Case("HTTP/2.0 in text", ("9110", "15.6.6"), _line(b"GET /todos HTTP/2.0"), 505),
        Case("HTTP/9.9", ("9110", "15.6.6"), _line(b"GET /todos HTTP/9.9"), 505),
        Case("an unknown method", ("9110", "15.6.2"), _line(b"BREW /todos HTTP/1.1"), 501),
        Case("a method in small letters", ("9110", "9.1"), _line(b"get /todos HTTP/1.1"), 501),
        Case("a method that is no token", ("9110", "9.1"), _line(b"G@T /todos HTTP/1.1")),
        Case("a method with a colon", ("9110", "9.1"), _line(b"GET: /todos HTTP/1.1")),
        Case("an empty line first", ("9112", "2.2"), b"\r\n" + _line(b"GET /todos HTTP/1.1"), ACCEPTED),
        Case("two empty lines first", ("9112", "2.2"), b"\r\n\r\n" + _line(b"GET /todos HTTP/1.1"), ACCEPTED),
        Case("a bare LF first", ("9112", "2.2"), b"\n" + _line(b"GET /todos HTTP/1.1")),
        Case("a bare CR first", ("9112", "2.2"), b"\r" + _line(b"GET /todos HTTP/1.1")),
        Case("the line ends in a bare LF", ("9112", "2.2"), b"GET /todos HTTP/1.1\n" + HOST + b"\r\n"),
        Case("the line ends in a bare CR", ("9112", "2.2"), b"GET /todos HTTP/1.1\r" + HOST + b"\r\n"),
        Case("a TLS handshake", ("9112", "2.2"), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        Case(
            "a line of 9,000 octets", ("9110", "15.5.15"), _line(b"GET /" + b"a" * 9000 + b" HTTP/1.1"), 414
        ),
        Case("a method of 9,000 octets", ("9112", "3"), _line(b"G" * 9000 + b" / HTTP/1.1"), (400, 414, 501)),
    ),
)

HOSTS = Topic(
    "The Host field",
    "syntax-host",
    (
        Case("missing", ("9112", "3.2"), GET + b"\r\n"),
        Case(
            "missing in HTTP/1.0",
            ("9112", "3.2"),
            b"GET /todos HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            ACCEPTED,
        ),
        Case("repeated", ("9112", "3.2"), GET + HOST + HOST + b"\r\n"),
        Case("repeated in other letters", ("9112", "3.2"), GET + HOST + b"HOST: b.wireyard.test\r\n\r\n"),
        Case("empty", ("9110", "4.2.1"), _host(b"")),
        Case("with a port", ("9110", "7.2"), _host(b"a.wireyard.test:80"), ACCEPTED),
        Case("with an empty port", ("9110", "7.2"), _host(b"a.wireyard.test:"), ACCEPTED),
        Case("a port of letters", ("9112", "3.2"), _host(b"a.wireyard.test:http")),
        Case("a port past 65535", ("9112", "3.2"), _host(b"a.wireyard.test:65536")),
        Case("two ports", ("9112", "3.2"), _host(b"a.wireyard.test:80:80")),
        Case("with userinfo", ("9112", "3.2"), _host(b"me@a.wireyard.test")),
        Case("with a path", ("9112", "3.2"), _host(b"a.wireyard.test/todos")),
        Case("with a scheme", ("9112", "3.2"), _host(b"http://a.wireyard.test")),
        Case("a list", ("9112", "3.2"), _host(b"a.wireyard.test, b.wireyard.test")),
        Case("a space inside", ("9112", "3.2"), _host(b"a wireyard.test")),
        Case("octets past ASCII", ("9112", "3.2"), _host("bücher.test".encode())),
        Case("an IPv4 address", ("9110", "7.2"), _host(b"127.0.0.1"), ACCEPTED),
        Case("an IPv6 address", ("9110", "7.2"), _host(b"[::1]:80"), ACCEPTED),
        Case("an IPv6 address without brackets", ("9112", "3.2"), _host(b"::1")),
        Case("brackets around no address", ("9112", "3.2"), _host(b"[a.wireyard.test]")),
        Case("a bracket left open", ("9112", "3.2"), _host(b"[::1")),
        Case(
            "other than the target's authority",
            ("9112", "3.2.2"),
            b"GET http://a.wireyard.test/todos HTTP/1.1\r\nHost: b.wireyard.test\r\n\r\n",
            ACCEPTED,
        ),
        Case(
            "missing beside the target's authority",
            ("9112", "3.2"),
            b"GET http://a.wireyard.test/todos HTTP/1.1\r\n\r\n",
        ),
    ),
)

FIELDS = Topic(
    "Field lines",
    "syntax-fields",
    (
        Case("no white space around the value", ("9112", "5"), _field(b"X-A:1"), ACCEPTED),
        Case("tabs and spaces around the value", ("9112", "5"), _field(b"X-A: \t 1 \t "), ACCEPTED),
        Case("an empty value", ("9110", "5.5"), _field(b"X-A:"), ACCEPTED),
        Case("octets past ASCII in a value", ("9110", "5.5"), _field("X-A: 过生日".encode()), ACCEPTED),
        Case("every tchar in a name", ("9110", "5.6.2"), _field(b"!#$%&'*+-.^_`|~0Az: 1"), ACCEPTED),
        Case("a space before the colon", ("9112", "5.1"), _field(b"X-A : 1")),
        Case("a tab before the colon", ("9112", "5.1"), _field(b"X-A\t: 1")),
        Case(
            "a space before the colon of Content-Length",
            ("9112", "5.1"),
            _body(b"Content-Length : 5", b"hello"),
        ),
        Case(
            "a space before the colon of Transfer-Encoding",
            ("9112", "5.1"),
            _body(b"Transfer-Encoding : chunked", b"0\r\n\r\n"),
        ),
        Case("a space in a name", ("9110", "5.1"), _field(b"X A: 1")),
        Case("a slash in a name", ("9110", "5.1"), _field(b"X/A: 1")),
        Case("octets past ASCII in a name", ("9110", "5.1"), _field("X-Ä: 1".encode())),
        Case("no name", ("9110", "5.1"), _field(b": 1")),
        Case("no colon", ("9112", "5"), _field(b"X-A")),
        Case("white space before the first field", ("9112", "2.2"), GET + b" " + HOST + b"\r\n"),
        Case("a folded field", ("9112", "5.2"), _field(b"X-A: 1\r\n  2")),
        Case("a field folded with a tab", ("9112", "5.2"), _field(b"X-A: 1\r\n\t2")),
        Case(
            "a folded Transfer-Encoding",
            ("9112", "5.2"),
            _body(b"Transfer-Encoding:\r\n chunked", b"0\r\n\r\n"),
        ),
        Case("a line of white space", ("9112", "5.2"), _field(b"X-A: 1\r\n ")),
        Case("a bare LF ends a field", ("9112", "2.2"), GET + HOST + b"X-A: 1\nX-B: 2\r\n\r\n"),
        Case("bare LFs end the head", ("9112", "2.2"), b"GET /todos HTTP/1.1\nHost: a.wireyard.test\n\n"),
        Case("a bare LF is the empty line", ("9112", "2.2"), GET + HOST + b"\n"),
        Case("a bare CR in a value", ("9112", "2.2"), _field(b"X-A: 1\r2")),
        Case("a bare CR ends a field", ("9112", "2.2"), GET + HOST + b"X-A: 1\rX-B: 2\r\n\r\n"),
        Case("CR CR LF ends a field", ("9112", "2.2"), GET + HOST + b"X-A: 1\r\r\n\r\n"),
        Case("a NUL in a value", ("9110", "5.5"), _field(b"X-A: 1\x002")),
        Case("a NUL in a name", ("9110", "5.1"), _field(b"X\x00A: 1")),
        Case("an escape character in a value", ("9110", "5.5"), _field(b"X-A: \x1b[2J")),
        Case("a form feed in a value", ("9110", "5.5"), _field(b"X-A: 1\x0c2")),
        Case("a vertical tab before a value", ("9110", "5.5"), _field(b"X-A:\x0b1")),
        Case("a delete character in a value", ("9110", "5.5"), _field(b"X-A: 1\x7f")),
        Case("a field of 17,000 octets", ("6585", "5"), _field(b"X-A: " + b"a" * 17000), 431),
        Case("101 fields", ("6585", "5"), _field(b"\r\n".join(b"X-%d: 1" % n for n in range(100))), 431),
        Case(
            "a head of 70,000 octets",
            ("6585", "5"),
            _field(b"\r\n".join(b"X-%d: " % n + b"a" * 1000 for n in range(69))),
            431,
        ),
    ),
)

FRAMING = Topic(
    "How long the content is",
    "syntax-framing",
    (
        Case("Content-Length", ("9112", "6.2"), _body(b"Content-Length: 5", b"hello"), ACCEPTED),
        Case("Content-Length: 0", ("9112", "6.2"), _body(b"Content-Length: 0"), ACCEPTED),
        Case(
            "Content-Length with leading zeros",
            ("9110", "8.6"),
            _body(b"Content-Length: 0005", b"hello"),
            ACCEPTED,
        ),
        Case("neither: no content", ("9112", "6.3"), POST + b"\r\n", ACCEPTED),
        Case(
            "content with a GET", ("9110", "9.3.1"), GET + HOST + b"Content-Length: 5\r\n\r\nhello", ACCEPTED
        ),
        Case(
            "content with HTTP/1.0",
            ("9112", "6.2"),
            b"POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
            ACCEPTED,
        ),
        Case(
            "Content-Length repeated",
            ("9112", "6.3"),
            _body(b"Content-Length: 5\r\nContent-Length: 5", b"hello"),
        ),
        Case(
            "two Content-Lengths",
            ("9112", "6.3"),
            _body(b"Content-Length: 5\r\nContent-Length: 6", b"hello!"),
        ),
        Case("Content-Length as a list", ("9112", "6.3"), _body(b"Content-Length: 5, 5", b"hello")),
        Case("Content-Length as a list of two", ("9112", "6.3"), _body(b"Content-Length: 5, 6", b"hello!")),
        Case("Content-Length empty", ("9110", "8.6"), _body(b"Content-Length:")),
        Case("Content-Length with a plus", ("9110", "8.6"), _body(b"Content-Length: +5", b"hello")),
        Case("Content-Length with a minus", ("9110", "8.6"), _body(b"Content-Length: -5", b"hello")),
        Case("Content-Length in hexadecimal", ("9110", "8.6"), _body(b"Content-Length: 0x5", b"hello")),
        Case("Content-Length with a point", ("9110", "8.6"), _body(b"Content-Length: 5.0", b"hello")),
        Case("Content-Length with an exponent", ("9110", "8.6"), _body(b"Content-Length: 5e0", b"hello")),
        Case("Content-Length with an underscore", ("9110", "8.6"), _body(b"Content-Length: 0_5", b"hello")),
        Case("Content-Length with a space inside", ("9110", "8.6"), _body(b"Content-Length: 5 0", b"hello")),
        Case(
            "Content-Length in other digits", ("9110", "8.6"), _body("Content-Length: ٥".encode(), b"hello")
        ),
        Case(
            "Content-Length past 63 bits",
            ("9110", "8.6"),
            _body(b"Content-Length: 9223372036854775808"),
            (400, 413),
        ),
        Case(
            "Content-Length of 40 digits", ("9110", "8.6"), _body(b"Content-Length: " + b"9" * 40), (400, 413)
        ),
        Case("Transfer-Encoding: chunked", ("9112", "6.1"), CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", ACCEPTED),
        Case(
            "Transfer-Encoding in other letters",
            ("9112", "7"),
            _body(b"TRANSFER-encoding: ChunKed", b"0\r\n\r\n"),
            ACCEPTED,
        ),
        Case(
            "white space around chunked",
            ("9112", "5"),
            _body(b"Transfer-Encoding: \t chunked \t", b"0\r\n\r\n"),
            ACCEPTED,
        ),
        Case(
            "with Content-Length",
            ("9112", "6.1"),
            _body(b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        ),
        Case(
            "with Content-Length behind it",
            ("9112", "6.1"),
            _body(b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
        ),
        Case(
            "with Content-Length: 0",
            ("9112", "6.1"),
            _body(b"Content-Length: 0\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        ),
        Case(
            "Transfer-Encoding in HTTP/1.0",
            ("9112", "6.1"),
            b"POST /echo HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        Case("a coding but not chunked", ("9112", "6.3"), _body(b"Transfer-Encoding: gzip"), (400, 501)),
        Case(
            "chunked is not last",
            ("9112", "6.3"),
            _body(b"Transfer-Encoding: chunked, gzip", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked is last, after gzip",
            ("9112", "6.1"),
            _body(b"Transfer-Encoding: gzip, chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked twice",
            ("9112", "6.1"),
            _body(b"Transfer-Encoding: chunked, chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked in two fields",
            ("9112", "6.1"),
            _body(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case("identity", ("9112", "7"), _body(b"Transfer-Encoding: identity"), (400, 501)),
        Case(
            "chunked, identity",
            ("9112", "6.3"),
            _body(b"Transfer-Encoding: chunked, identity", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "an unknown coding",
            ("9112", "6.1"),
            _body(b"Transfer-Encoding: xchunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked in quotation marks",
            ("9112", "7"),
            _body(b'Transfer-Encoding: "chunked"', b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked with a parameter",
            ("9112", "7.1"),
            _body(b"Transfer-Encoding: chunked;a=b", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case("Transfer-Encoding empty", ("9112", "6.1"), _body(b"Transfer-Encoding:"), (400, 501)),
        Case(
            "a comma behind chunked",
            ("9112", "6.1"),
            _body(b"Transfer-Encoding: chunked,", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "content with TRACE",
            ("9110", "9.3.8"),
            b"TRACE / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
            (400, 405, 501),
        ),
        Case(
            "content with CONNECT",
            ("9110", "9.3.6"),
            b"CONNECT a.wireyard.test:80 HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
            (400, 405, 501),
        ),
    ),
)

CHUNKS = Topic(
    "Chunks",
    "syntax-chunks",
    (
        Case("two chunks", ("9112", "7.1"), CHUNKED + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", ACCEPTED),
        Case("a size in capitals", ("9112", "7.1"), CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", ACCEPTED),
        Case(
            "a size with leading zeros", ("9112", "7.1"), CHUNKED + b"0005\r\nhello\r\n00\r\n\r\n", ACCEPTED
        ),
        Case("an extension", ("9112", "7.1.1"), CHUNKED + b"5;a=b\r\nhello\r\n0\r\n\r\n", ACCEPTED),
        Case(
            "extensions of all forms",
            ("9112", "7.1.1"),
            CHUNKED + b'5;a;b=c;d="e \\" f"\r\nhello\r\n0;z\r\n\r\n',
            ACCEPTED,
        ),
        Case(
            "a trailer section",
            ("9112", "7.1.2"),
            CHUNKED + b"5\r\nhello\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n",
            ACCEPTED,
        ),
        Case("CRLF in the data", ("9112", "7.1"), CHUNKED + b"4\r\n\r\n\r\n\r\n0\r\n\r\n", ACCEPTED),
        Case("an empty size", ("9112", "7.1"), CHUNKED + b"\r\nhello\r\n0\r\n\r\n"),
        Case("a size that is no number", ("9112", "7.1"), CHUNKED + b"x\r\nhello\r\n0\r\n\r\n"),
        Case("a size with a plus", ("9112", "7.1"), CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n"),
        Case("a size with a minus", ("9112", "7.1"), CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
        Case("a size with 0x", ("9112", "7.1"), CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n"),
        Case("a size with an underscore", ("9112", "7.1"), CHUNKED + b"0_5\r\nhello\r\n0\r\n\r\n"),
        Case("a space before a size", ("9112", "7.1"), CHUNKED + b" 5\r\nhello\r\n0\r\n\r\n"),
        Case("a space behind a size", ("9112", "7.1"), CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n"),
        Case("a tab behind a size", ("9112", "7.1"), CHUNKED + b"5\t\r\nhello\r\n0\r\n\r\n"),
        Case(
            "a size of 64 bits",
            ("9112", "7.1"),
            CHUNKED + b"FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
            (400, 413),
        ),
        Case(
            "a size of 17 digits",
            ("9112", "7.1"),
            CHUNKED + b"10000000000000005\r\nhello\r\n0\r\n\r\n",
            (400, 413),
        ),
        Case("a bare LF behind a size", ("9112", "7.1"), CHUNKED + b"5\nhello\r\n0\r\n\r\n"),
        Case("a bare CR behind a size", ("9112", "7.1"), CHUNKED + b"5\rhello\r\n0\r\n\r\n"),
        Case("CR CR LF behind a size", ("9112", "7.1"), CHUNKED + b"5\r\r\nhello\r\n0\r\n\r\n"),
        Case("data longer than its size", ("9112", "7.1"), CHUNKED + b"5\r\nhello!\r\n0\r\n\r\n"),
        Case("data shorter than its size", ("9112", "7.1"), CHUNKED + b"6\r\nhello\r\n0\r\n\r\n"),
        Case("a bare LF behind data", ("9112", "7.1"), CHUNKED + b"5\r\nhello\n0\r\n\r\n"),
        Case("a bare CR behind data", ("9112", "7.1"), CHUNKED + b"5\r\nhello\r0\r\n\r\n"),
        Case("a bare LF behind the last chunk", ("9112", "7.1"), CHUNKED + b"5\r\nhello\r\n0\n\r\n"),
        Case("a bare LF ends it all", ("9112", "7.1"), CHUNKED + b"5\r\nhello\r\n0\r\n\n"),
        Case("an extension without a name", ("9112", "7.1.1"), CHUNKED + b"5;\r\nhello\r\n0\r\n\r\n"),
        Case("an extension with no value", ("9112", "7.1.1"), CHUNKED + b"5;a=\r\nhello\r\n0\r\n\r\n"),
        Case("an extension that is no token", ("9112", "7.1.1"), CHUNKED + b"5;a@b\r\nhello\r\n0\r\n\r\n"),
        Case("a quotation mark left open", ("9112", "7.1.1"), CHUNKED + b'5;a="b\r\nhello\r\n0\r\n\r\n'),
        Case("a bare LF in an extension", ("9112", "7.1.1"), CHUNKED + b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
        Case("a NUL in an extension", ("9112", "7.1.1"), CHUNKED + b"5;a\x00\r\nhello\r\n0\r\n\r\n"),
        Case(
            "an extension of 5,000 octets",
            ("9112", "7.1.1"),
            CHUNKED + b"5;a=" + b"b" * 5000 + b"\r\nhello\r\n0\r\n\r\n",
            (400, 413, 431),
        ),
        Case("a trailer without a colon", ("9112", "7.1.2"), CHUNKED + b"0\r\nX-A\r\n\r\n"),
        Case("a space before a trailer's colon", ("9112", "7.1.2"), CHUNKED + b"0\r\nX-A : 1\r\n\r\n"),
        Case("a folded trailer", ("9112", "7.1.2"), CHUNKED + b"0\r\nX-A: 1\r\n 2\r\n\r\n"),
        Case("a bare LF ends a trailer", ("9112", "7.1.2"), CHUNKED + b"0\r\nX-A: 1\nX-B: 2\r\n\r\n"),
        Case("a NUL in a trailer", ("9112", "7.1.2"), CHUNKED + b"0\r\nX-A: \x00\r\n\r\n"),
        Case("Content-Length as a trailer", ("9110", "6.5.1"), CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n"),
        Case(
            "Transfer-Encoding as a trailer",
            ("9110", "6.5.1"),
            CHUNKED + b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        Case("Host as a trailer", ("9110", "6.5.1"), CHUNKED + b"0\r\nHost: b.wireyard.test\r\n\r\n"),
        Case(
            "trailers of 40,000 octets",
            ("6585", "5"),
            CHUNKED + b"0\r\n" + b"".join(b"X-%d: " % n + b"a" * 1000 + b"\r\n" for n in range(40)) + b"\r\n",
            (400, 413, 431),
        ),
    ),
)

TOPICS = (REQUEST_LINE, HOSTS, FIELDS, FRAMING, CHUNKS)


def cases() -> Iterator[tuple[Topic, Case]]:
    """Every case with its topic."""
    for topic in TOPICS:
        for case in topic.cases:
            yield topic, case
