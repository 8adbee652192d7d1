"""The head of one request: our grammar first, then llhttp's reading of the fields, then what they mean.

Two readers must agree. What either refuses is refused, so nothing that Node's own parser would read
differently is served.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

import httptools

from services.http.app.message import Field, Request
from services.http.reference.h1 import grammar
from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.framing import NONE, framing
from services.http.reference.h1.limits import Limits
from services.http.reference.h1.target import authority, check_target

_TRAILING = re.compile(rb"[ \t]+\r\n")
_RAW = re.compile(rb"[\x80-\xff]")
_QUOTED_SAFE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Head:
    """What a head says. `content` is NONE, CHUNKED or a length (framing.py).

    `upgrade` is what Upgrade offers, in lower case; it is not heard from an HTTP/1.0 client (RFC 9110 7.8).
    """

    request: Request
    content: int
    persistent: bool
    upgrade: tuple[str, ...]


_MEANT_FOR_US = frozenset((b"host", b"content-length", b"transfer-encoding", b"connection", b"upgrade"))


class _Reading:
    """What llhttp calls back: all fields, and by lower-case name the values that decide about the message."""

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self.values: dict[bytes, list[bytes]] = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))
        key = name.lower()
        if key in _MEANT_FOR_US:
            self.values.setdefault(key, []).append(value)


def read_head(raw: bytes, scheme: str, limits: Limits) -> Head:
    """The head in `raw`, which is all of it and nothing else. Raises BadMessage."""
    line = grammar.HEAD.fullmatch(raw)
    if not line:
        raise grammar.diagnose(raw)
    method, target, version = line[1].decode("ascii"), line[2], _version(line[3], line[4])
    named = check_target(method, target, scheme)
    reading, refusal = _read_fields(line, version)
    if len(raw) > limits.field or len(reading.fields) > limits.fields:
        _check_sizes(reading.fields, limits)
    host = _authority(reading.values.get(b"host", []), version, named)
    request = Request(method, target, version, scheme, host, tuple(reading.fields))
    head = _meaning(request, reading.values)
    if refusal:
        raise BadMessage(400, f"llhttp refuses the head: {refusal}", "RFC 9112 2.2")
    return head


def _version(major: bytes, minor: bytes) -> str:
    """1.0 or 1.1; a later minor version is read as the latest that is known (RFC 9110 2.5)."""
    if major != b"1":
        raise BadMessage(505, "only HTTP/1.0 and HTTP/1.1 are spoken here", "RFC 9110 15.6.6")
    return "1.0" if minor == b"0" else "1.1"


def _read_fields(line: re.Match[bytes], version: str) -> tuple[_Reading, Exception | None]:
    """The fields as llhttp reads them, and why it refuses the head, if it does.

    It is spared what is legal and yet refused by it: raw UTF-8 in a target, a minor version that it does not
    know, a tab behind a value (RFC 9112 5).
    """
    reading = _Reading()
    target = line[2]
    if _RAW.search(target):
        target = quote_from_bytes(target, _QUOTED_SAFE).encode("ascii")
    section = _TRAILING.sub(b"\r\n", line[5])
    lines = (line[1], b" ", target, b" HTTP/", version.encode("ascii"), b"\r\n", section, b"\r\n")
    try:
        httptools.HttpRequestParser(reading).feed_data(b"".join(lines))
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserInvalidMethodError:
        words = f"the method {line[1].decode('ascii')} is not implemented"
        raise BadMessage(501, words, "RFC 9110 15.6.2") from None
    except httptools.HttpParserError as refusal:
        return reading, refusal
    return reading, None


def _check_sizes(fields: list[Field], limits: Limits) -> None:
    if len(fields) > limits.fields:
        raise BadMessage(431, f"there are more than {limits.fields} fields", "RFC 6585 5")
    for name, value in fields:
        if len(name) + len(value) > limits.field:
            raise BadMessage(431, f"a field is longer than {limits.field} bytes", "RFC 6585 5")


def _authority(hosts: list[bytes], version: str, named: str | None) -> str:
    """Whom the request is for: the target says, else the Host field, which has to be right anyhow."""
    if len(hosts) > 1:
        raise BadMessage(400, "the Host field is repeated", "RFC 9112 3.2")
    if not hosts and version == "1.1":
        raise BadMessage(400, "the Host field is missing", "RFC 9112 3.2")
    host = authority(hosts[0]) if hosts else ""
    return host if named is None else named


def _meaning(request: Request, values: dict[bytes, list[bytes]]) -> Head:
    codings, lengths = values.get(b"transfer-encoding", []), values.get(b"content-length", [])
    content = framing(request.method, request.version, codings, lengths) if codings or lengths else NONE
    options, modern = _tokens(values.get(b"connection")), request.version == "1.1"
    persistent = "close" not in options and (modern or "keep-alive" in options)
    upgrade = _tokens(values.get(b"upgrade")) if modern and "upgrade" in options else ()
    return Head(request, content, persistent, upgrade)


def _tokens(values: list[bytes] | None) -> tuple[str, ...]:
    """The members of a list, in lower case (RFC 9110 5.6.1)."""
    if values is None:
        return ()
    members = b",".join(values).decode("latin-1").lower().split(",")
    return tuple(member for member in (part.strip(" \t") for part in members) if member)
