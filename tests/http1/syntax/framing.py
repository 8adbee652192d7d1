"""How long the content is (RFC 9112 6)."""

from __future__ import annotations

from tests.http1.syntax.case import ACCEPTED, CHUNKED, GET, HOST, POST, Case, Topic, body

FRAMING = Topic(
    "How long the content is",
    "syntax-framing",
    (
        Case("Content-Length", ("9112", "6.2"), body(b"Content-Length: 5", b"hello"), ACCEPTED),
        Case("Content-Length: 0", ("9112", "6.2"), body(b"Content-Length: 0"), ACCEPTED),
        Case(
            "Content-Length with leading zeros",
            ("9110", "8.6"),
            body(b"Content-Length: 0005", b"hello"),
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
            body(b"Content-Length: 5\r\nContent-Length: 5", b"hello"),
        ),
        Case(
            "two Content-Lengths",
            ("9112", "6.3"),
            body(b"Content-Length: 5\r\nContent-Length: 6", b"hello!"),
        ),
        Case(
            "two spellings of one Content-Length",
            ("9112", "6.3"),
            body(b"Content-Length: 5\r\nContent-Length: 05", b"hello"),
        ),
        Case("Content-Length behind a comma", ("9112", "6.3"), body(b"Content-Length: ,5", b"hello")),
        Case("Content-Length in quotation marks", ("9110", "8.6"), body(b'Content-Length: "5"', b"hello")),
        Case("Content-Length with a parameter", ("9110", "8.6"), body(b"Content-Length: 5;a", b"hello")),
        Case(
            "Content-Length behind a no-break space",
            ("9110", "8.6"),
            body(b"Content-Length: \xa05", b"hello"),
        ),
        Case(
            "Content-Length before a vertical tab", ("9110", "5.5"), body(b"Content-Length: 5\x0b", b"hello")
        ),
        Case(
            "Content-Length that Connection names",
            ("9110", "7.6.1"),
            body(b"Connection: content-length\r\nContent-Length: 5", b"hello"),
            ACCEPTED,
        ),
        Case("Content-Length as a list", ("9112", "6.3"), body(b"Content-Length: 5, 5", b"hello")),
        Case("Content-Length as a list of two", ("9112", "6.3"), body(b"Content-Length: 5, 6", b"hello!")),
        Case("Content-Length empty", ("9110", "8.6"), body(b"Content-Length:")),
        Case("Content-Length with a plus", ("9110", "8.6"), body(b"Content-Length: +5", b"hello")),
        Case("Content-Length with a minus", ("9110", "8.6"), body(b"Content-Length: -5", b"hello")),
        Case("Content-Length in hexadecimal", ("9110", "8.6"), body(b"Content-Length: 0x5", b"hello")),
        Case("Content-Length with a point", ("9110", "8.6"), body(b"Content-Length: 5.0", b"hello")),
        Case("Content-Length with an exponent", ("9110", "8.6"), body(b"Content-Length: 5e0", b"hello")),
        Case("Content-Length with an underscore", ("9110", "8.6"), body(b"Content-Length: 0_5", b"hello")),
        Case("Content-Length with a space inside", ("9110", "8.6"), body(b"Content-Length: 5 0", b"hello")),
        Case("Content-Length in other digits", ("9110", "8.6"), body("Content-Length: ٥".encode(), b"hello")),
        Case(
            "Content-Length past 63 bits",
            ("9110", "8.6"),
            body(b"Content-Length: 9223372036854775808"),
            (400, 413),
        ),
        Case(
            "Content-Length of 40 digits", ("9110", "8.6"), body(b"Content-Length: " + b"9" * 40), (400, 413)
        ),
        Case("Transfer-Encoding: chunked", ("9112", "6.1"), CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", ACCEPTED),
        Case(
            "Transfer-Encoding in other letters",
            ("9112", "7"),
            body(b"TRANSFER-encoding: ChunKed", b"0\r\n\r\n"),
            ACCEPTED,
        ),
        Case(
            "white space around chunked",
            ("9112", "5"),
            body(b"Transfer-Encoding: \t chunked \t", b"0\r\n\r\n"),
            ACCEPTED,
        ),
        Case(
            "Transfer-Encoding with an underscore is another field",
            ("9110", "5.1"),
            body(b"Transfer_Encoding: chunked"),
            ACCEPTED,
        ),
        Case(
            "chunked that Connection names",
            ("9110", "7.6.1"),
            body(b"Connection: transfer-encoding\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
            ACCEPTED,
        ),
        Case(
            "chunked content with a GET",
            ("9110", "9.3.1"),
            GET + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            ACCEPTED,
        ),
        Case(
            "a vertical tab behind chunked",
            ("9110", "5.5"),
            body(b"Transfer-Encoding: chunked\x0b", b"0\r\n\r\n"),
        ),
        Case(
            "a vertical tab before chunked",
            ("9110", "5.5"),
            body(b"Transfer-Encoding: \x0bchunked", b"0\r\n\r\n"),
        ),
        Case(
            "a NUL behind the name of Transfer-Encoding",
            ("9110", "5.1"),
            body(b"Transfer-Encoding\x00: chunked", b"0\r\n\r\n"),
        ),
        Case(
            "an octet past ASCII behind chunked",
            ("9112", "7"),
            body(b"Transfer-Encoding: chunked\xff", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked with a Kelvin sign for its k",
            ("9112", "7"),
            body("Transfer-Encoding: chun\u212aed".encode(), b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "with Content-Length",
            ("9112", "6.1"),
            body(b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        ),
        Case(
            "with Content-Length behind it",
            ("9112", "6.1"),
            body(b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
        ),
        Case(
            "with Content-Length: 0",
            ("9112", "6.1"),
            body(b"Content-Length: 0\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        ),
        Case(
            "Transfer-Encoding in HTTP/1.0",
            ("9112", "6.1"),
            b"POST /echo HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        Case("a coding but not chunked", ("9112", "6.3"), body(b"Transfer-Encoding: gzip"), (400, 501)),
        Case(
            "chunked is not last",
            ("9112", "6.3"),
            body(b"Transfer-Encoding: chunked, gzip", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked is last, after gzip",
            ("9112", "6.1"),
            body(b"Transfer-Encoding: gzip, chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked twice",
            ("9112", "6.1"),
            body(b"Transfer-Encoding: chunked, chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked in two fields",
            ("9112", "6.1"),
            body(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case("identity", ("9112", "7"), body(b"Transfer-Encoding: identity"), (400, 501)),
        Case(
            "chunked, identity",
            ("9112", "6.3"),
            body(b"Transfer-Encoding: chunked, identity", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "an unknown coding",
            ("9112", "6.1"),
            body(b"Transfer-Encoding: xchunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked in quotation marks",
            ("9112", "7"),
            body(b'Transfer-Encoding: "chunked"', b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked with a parameter",
            ("9112", "7.1"),
            body(b"Transfer-Encoding: chunked;a=b", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case("Transfer-Encoding empty", ("9112", "6.1"), body(b"Transfer-Encoding:"), (400, 501)),
        Case(
            "a comma before chunked",
            ("9112", "6.1"),
            body(b"Transfer-Encoding: ,chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "an empty field beside chunked",
            ("9112", "6.1"),
            body(b"Transfer-Encoding:\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "chunked, identity in two fields",
            ("9112", "6.3"),
            body(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "identity, chunked in two fields",
            ("9112", "7"),
            body(b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
            (400, 501),
        ),
        Case(
            "a comma behind chunked",
            ("9112", "6.1"),
            body(b"Transfer-Encoding: chunked,", b"0\r\n\r\n"),
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
