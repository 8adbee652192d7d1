"""Chunks, extensions and trailers (RFC 9112 7.1)."""

from __future__ import annotations

from tests.http1.syntax.case import ACCEPTED, CHUNKED, Case, Topic

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
            "white space around the parts of an extension",
            ("9112", "7.1.1"),
            CHUNKED + b"5 ;\ta\t= b ; c\r\nhello\r\n0\r\n\r\n",
            ACCEPTED,
        ),
        Case(
            "octets past ASCII in a quoted extension",
            ("9112", "7.1.1"),
            CHUNKED + '5;a="é"\r\nhello\r\n0\r\n\r\n'.encode(),
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
        Case("a space behind an extension", ("9112", "7.1.1"), CHUNKED + b"5;a \r\nhello\r\n0\r\n\r\n"),
        Case(
            "CRLF in a quoted extension", ("9112", "7.1.1"), CHUNKED + b'5;a="b\r\nc"\r\nhello\r\n0\r\n\r\n'
        ),
        Case(
            "a bare CR in a quoted extension",
            ("9112", "7.1.1"),
            CHUNKED + b'5;a="b\rc"\r\nhello\r\n0\r\n\r\n',
        ),
        Case("a NUL in an extension", ("9112", "7.1.1"), CHUNKED + b"5;a\x00\r\nhello\r\n0\r\n\r\n"),
        Case(
            "an extension of 5,000 octets",
            ("9112", "7.1.1"),
            CHUNKED + b"5;a=" + b"b" * 5000 + b"\r\nhello\r\n0\r\n\r\n",
            (400, 413, 431),
        ),
        Case(
            "extensions of 20,000 octets in all",
            ("9112", "7.1.1"),
            CHUNKED + (b"1;" + b"a" * 100 + b"\r\nx\r\n") * 200 + b"0\r\n\r\n",
            (400, 413, 431),
        ),
        Case("an empty line between chunks", ("9112", "7.1"), CHUNKED + b"5\r\nhello\r\n\r\n0\r\n\r\n"),
        Case("a size in other digits", ("9112", "7.1"), CHUNKED + "５\r\nhello\r\n0\r\n\r\n".encode()),
        Case("a trailer without a name", ("9112", "7.1.2"), CHUNKED + b"0\r\n: 1\r\n\r\n"),
        Case("a line of white space among trailers", ("9112", "7.1.2"), CHUNKED + b"0\r\n \r\n\r\n"),
        Case("a bare CR in a trailer", ("9112", "7.1.2"), CHUNKED + b"0\r\nX-A: 1\r2\r\n\r\n"),
        Case(
            "101 trailers",
            ("6585", "5"),
            CHUNKED + b"0\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(101)) + b"\r\n",
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
