"""The Host field (RFC 9112 3.2)."""

from __future__ import annotations

from tests.http1.syntax.case import ACCEPTED, GET, HOST, Case, Topic, host

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
        Case(
            "repeated in HTTP/1.0",
            ("9112", "3.2"),
            b"GET /todos HTTP/1.0\r\n" + HOST + HOST + b"\r\n",
        ),
        Case("wrong in HTTP/1.0", ("9112", "3.2"), b"GET /todos HTTP/1.0\r\nHost: a b\r\n\r\n"),
        Case("missing with CONNECT", ("9112", "3.2"), b"CONNECT a.wireyard.test:80 HTTP/1.1\r\n\r\n"),
        Case("empty", ("9110", "4.2.1"), host(b"")),
        Case("nothing but a port", ("9110", "4.2.1"), host(b":80")),
        Case("with a port", ("9110", "7.2"), host(b"a.wireyard.test:80"), ACCEPTED),
        Case("with an empty port", ("9110", "7.2"), host(b"a.wireyard.test:"), ACCEPTED),
        Case("a port of letters", ("9112", "3.2"), host(b"a.wireyard.test:http")),
        Case("a port past 65535", ("9112", "3.2"), host(b"a.wireyard.test:65536")),
        Case("two ports", ("9112", "3.2"), host(b"a.wireyard.test:80:80")),
        Case("with userinfo", ("9112", "3.2"), host(b"me@a.wireyard.test")),
        Case("with a path", ("9112", "3.2"), host(b"a.wireyard.test/todos")),
        Case("with a query", ("9112", "3.2"), host(b"a.wireyard.test?a")),
        Case("with a fragment", ("9112", "3.2"), host(b"a.wireyard.test#a")),
        Case("with a backslash", ("9112", "3.2"), host(b"a.wireyard.test\\b")),
        Case("a percent sign before no digits", ("9112", "3.2"), host(b"a%zz.wireyard.test")),
        Case("a tab inside", ("9112", "3.2"), host(b"a\twireyard.test")),
        Case("with a scheme", ("9112", "3.2"), host(b"http://a.wireyard.test")),
        Case("a list", ("9112", "3.2"), host(b"a.wireyard.test, b.wireyard.test")),
        Case("a space inside", ("9112", "3.2"), host(b"a wireyard.test")),
        Case("octets past ASCII", ("9112", "3.2"), host("bücher.test".encode())),
        Case("an IPv4 address", ("9110", "7.2"), host(b"127.0.0.1"), ACCEPTED),
        Case("an IPv6 address", ("9110", "7.2"), host(b"[::1]:80"), ACCEPTED),
        Case("an IPv6 address without brackets", ("9112", "3.2"), host(b"::1")),
        Case("an address of a later version", ("9110", "7.2"), host(b"[v1.fe:a]"), ACCEPTED),
        Case("brackets around no address", ("9112", "3.2"), host(b"[a.wireyard.test]")),
        Case("a bracket left open", ("9112", "3.2"), host(b"[::1")),
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
