"""Field sections: names, values, pseudo-fields (RFC 9113 8.2, 8.3, 8.5, RFC 8441)."""

from __future__ import annotations

from tests.http2.cases.case import Case, stream
from tests.http2.outcome import Answered
from tests.http2.wire import GET, PROTOCOL_ERROR, Field, changed, request

_MALFORMED = stream(PROTOCOL_ERROR)
_CONNECT: tuple[Field, ...] = ((b":method", b"CONNECT"), (b":authority", b"h2c.wireyard.test:80"))
_EXTENDED = (*changed(GET, method=b"CONNECT"), (b":protocol", b"websocket"))

_NAMES = (
    ("upper-case", b"X-Name", "Field names MUST be converted to lowercase"),
    ("empty", b"", "a name has at least one character"),
    ("space", b"x name", "a name MUST NOT contain characters in 0x00-0x20"),
    ("control", b"x\x01name", "a name MUST NOT contain characters in 0x00-0x20"),
    ("delete", b"x\x7fname", "a name MUST NOT contain characters in 0x7f-0xff"),
    ("latin", b"x\xe9name", "a name MUST NOT contain characters in 0x7f-0xff"),
    ("colon-inside", b"x:name", "a colon starts a pseudo-field and is nowhere else"),
    ("not-a-token", b"x(name)", "a name is a token (RFC 9110 5.1)"),
)
_VALUES = (
    ("nul", b"a\0b", "a value MUST NOT contain NUL"),
    ("line-feed", b"a\nb", "a value MUST NOT contain line feed"),
    ("carriage-return", b"a\rb", "a value MUST NOT contain carriage return"),
    ("leading-space", b" a", "a value MUST NOT start or end with SP or HTAB"),
    ("leading-tab", b"\ta", "a value MUST NOT start or end with SP or HTAB"),
    ("trailing-space", b"a ", "a value MUST NOT start or end with SP or HTAB"),
    ("trailing-tab", b"a\t", "a value MUST NOT start or end with SP or HTAB"),
)
_GOOD: tuple[tuple[str, Field], ...] = (
    ("empty-value", (b"x-empty", b"")),
    ("inner-space", (b"x-words", b"a b\tc")),
    ("obs-text", (b"x-latin", b"\xe9")),
    ("token-characters", (b"!#$%&'*+-.^_`|~09az", b"1")),
    ("te-trailers", (b"te", b"trailers")),
)
_CONNECTION = (
    (b"connection", b"close"),
    (b"keep-alive", b"5"),
    (b"proxy-connection", b"close"),
    (b"transfer-encoding", b"chunked"),
    (b"upgrade", b"h2c"),
    (b"te", b"gzip"),
    (b"te", b"trailers, gzip"),
)

REGULAR = (
    *(
        Case(f"field-name-{name}", ("9113", "8.2.1"), rule, request(1, (octets, b"1")), _MALFORMED)
        for name, octets, rule in _NAMES
    ),
    *(
        Case(f"field-value-{name}", ("9113", "8.2.1"), rule, request(1, (b"x-name", octets)), _MALFORMED)
        for name, octets, rule in _VALUES
    ),
    *(
        Case(f"field-{name}", ("9113", "8.2.1"), "a valid field is taken", request(1, field), Answered())
        for name, field in _GOOD
    ),
    *(
        Case(
            f"connection-field-{name.decode()}-{value.decode().replace(', ', '-')}",
            ("9113", "8.2.2"),
            "a message containing connection-specific header fields MUST be treated as malformed",
            request(1, (name, value)),
            _MALFORMED,
        )
        for name, value in _CONNECTION
    ),
    Case(
        "cookie-crumbs",
        ("9113", "8.2.3"),
        "cookie may be split into several fields",
        request(1, (b"cookie", b"a=1"), (b"cookie", b"b=2")),
        Answered(),
    ),
)

PSEUDO = (
    *(
        Case(
            f"{name}-missing",
            ("9113", "8.3.1"),
            "All requests MUST include exactly one :method, :scheme and :path",
            request(1, fields=changed(GET, **{name: None})),
            _MALFORMED,
        )
        for name in ("method", "scheme", "path")
    ),
    *(
        Case(
            f"{name}-twice",
            ("9113", "8.3"),
            "The same pseudo-header field name MUST NOT appear more than once",
            request(1, fields=((b":" + name.encode(), value), *GET)),
            _MALFORMED,
        )
        for name, value in (
            ("method", b"GET"),
            ("scheme", b"http"),
            ("path", b"/"),
            ("authority", b"h2c.wireyard.test"),
        )
    ),
    Case(
        "pseudo-after-regular",
        ("9113", "8.3"),
        "pseudo-header fields MUST come before regular ones",
        request(1, fields=(*GET[:3], (b"x-name", b"1"), GET[3])),
        _MALFORMED,
    ),
    Case(
        "pseudo-unknown",
        ("9113", "8.3"),
        "undefined pseudo-header fields are malformed",
        request(1, fields=((b":nonsense", b"1"), *GET)),
        _MALFORMED,
    ),
    Case(
        "pseudo-of-a-response",
        ("9113", "8.3"),
        "pseudo-header fields of responses MUST NOT appear in requests",
        request(1, fields=((b":status", b"200"), *GET)),
        _MALFORMED,
    ),
    Case(
        "pseudo-upper-case",
        ("9113", "8.2.1"),
        "names are in lower case",
        request(1, fields=((b":METHOD", b"GET"), *GET[1:])),
        _MALFORMED,
    ),
    Case(
        "method-no-token",
        ("9110", "9.1"),
        "a method is a token",
        request(1, fields=changed(GET, method=b"G T")),
        _MALFORMED,
    ),
    Case(
        "method-empty",
        ("9110", "9.1"),
        "a method is a token",
        request(1, fields=changed(GET, method=b"")),
        _MALFORMED,
    ),
    Case(
        "scheme-invalid",
        ("9113", "8.3.1"),
        "a scheme is one of RFC 3986",
        request(1, fields=changed(GET, scheme=b"1:")),
        _MALFORMED,
    ),
    Case(
        "section-empty",
        ("9113", "8.3.1"),
        "an empty section lacks everything",
        request(1, fields=()),
        _MALFORMED,
    ),
)

TARGET = (
    *(
        Case(f"path-{name}", ("9113", "8.3.1"), rule, request(1, fields=changed(GET, path=path)), _MALFORMED)
        for name, path, rule in (
            ("empty", b"", ":path MUST NOT be empty for http and https"),
            ("without-slash", b"todos", ":path starts with a slash"),
            ("absolute-url", b"http://h2c.wireyard.test/", ":path starts with a slash"),
            ("with-space", b"/a b", "a target has no white space"),
            ("with-fragment", b"/a#b", "a target has no fragment"),
            ("with-control", b"/a\x01", "a target has no control characters"),
            ("with-quotation-mark", b'/"a"', "a target holds what a URI may"),
            ("with-angle-bracket", b"/<a>", "a target holds what a URI may"),
            ("with-half-an-encoding", b"/%f", "percent-encodings are whole"),
            ("with-no-encoding", b"/%zz", "percent-encodings are two hexadecimal digits"),
            ("asterisk-with-get", b"*", "the asterisk form is for OPTIONS"),
        )
    ),
    Case(
        "path-asterisk-with-options",
        ("9113", "8.3.1"),
        "OPTIONS may ask for the server as a whole",
        request(1, fields=changed(GET, method=b"OPTIONS", path=b"*")),
        Answered(),
    ),
    *(
        Case(
            f"authority-{name}",
            ("9113", "8.3.1"),
            rule,
            request(1, fields=changed(GET, authority=authority)),
            _MALFORMED,
        )
        for name, authority, rule in (
            (
                "with-userinfo",
                b"user@h2c.wireyard.test",
                ":authority MUST NOT include userinfo for http and https",
            ),
            ("with-path", b"h2c.wireyard.test/x", ":authority is a host and a port"),
            ("with-space", b"h2c wireyard", ":authority is a host and a port"),
            ("with-port-not-a-number", b"h2c.wireyard.test:x", ":authority is a host and a port"),
            ("with-port-too-large", b"h2c.wireyard.test:65536", "a port is at most 65535"),
            ("with-no-address", b"[::1::]", "what stands in brackets is an IPv6 address"),
            ("list", b"h2c.wireyard.test,h2.wireyard.test", ":authority is one host"),
            ("empty", b"", "an http URI has a host"),
        )
    ),
    Case(
        "authority-missing",
        ("9110", "7.2"),
        "a request without :authority and Host names no server",
        request(1, fields=changed(GET, authority=None)),
        _MALFORMED,
    ),
    Case(
        "host-instead-of-authority",
        ("9113", "8.3.1"),
        "Host may stand for :authority",
        request(1, (b"host", b"h2c.wireyard.test"), fields=changed(GET, authority=None)),
        Answered(),
    ),
    Case(
        "host-equal-to-authority",
        ("9113", "8.3.1"),
        "Host may repeat :authority",
        request(1, (b"host", b"H2C.wireyard.test:80")),
        Answered(),
    ),
    Case(
        "host-differs-from-authority",
        ("9113", "8.3.1"),
        "a Host that differs from :authority is malformed",
        request(1, (b"host", b"other.test")),
        _MALFORMED,
    ),
    Case(
        "host-twice",
        ("9110", "7.2"),
        "there is one Host",
        request(1, (b"host", b"h2c.wireyard.test"), (b"host", b"h2c.wireyard.test")),
        _MALFORMED,
    ),
)

CONNECT = (
    *(
        Case(
            f"connect-with-{name}",
            ("9113", "8.5"),
            "CONNECT MUST omit :scheme and :path",
            request(1, fields=(*_CONNECT, (b":" + name.encode(), value))),
            _MALFORMED,
        )
        for name, value in (("scheme", b"http"), ("path", b"/"))
    ),
    Case(
        "connect-without-authority",
        ("9113", "8.5"),
        "CONNECT has the host and port in :authority",
        request(1, fields=_CONNECT[:1]),
        _MALFORMED,
    ),
    Case(
        "connect-without-port",
        ("9113", "8.5"),
        "CONNECT has the host and port in :authority",
        request(1, fields=(_CONNECT[0], (b":authority", b"h2c.wireyard.test"))),
        _MALFORMED,
    ),
    Case(
        "protocol-no-token",
        ("8441", "4"),
        ":protocol is a token",
        request(1, fields=(*_EXTENDED[:-1], (b":protocol", b"web socket"))),
        _MALFORMED,
    ),
    Case(
        "protocol-without-connect",
        ("8441", "4"),
        ":protocol belongs to CONNECT",
        request(1, fields=(*GET, (b":protocol", b"websocket"))),
        _MALFORMED,
    ),
    Case(
        "extended-connect-without-path",
        ("8441", "4"),
        "with :protocol, :scheme and :path MUST be included",
        request(1, fields=changed(_EXTENDED, path=None)),
        _MALFORMED,
    ),
)

LENGTHS = tuple(
    Case(
        f"content-length-{name}",
        ("9110", "8.6"),
        "content-length is one number",
        request(1, *((b"content-length", value) for value in values)),
        _MALFORMED,
    )
    for name, values in (
        ("not-a-number", (b"x",)),
        ("negative", (b"-1",)),
        ("plus", (b"+0",)),
        ("differing", (b"0", b"1")),
        ("list", (b"0, 0",)),
    )
)

CASES = (*REGULAR, *PSEUDO, *TARGET, *CONNECT, *LENGTHS)
