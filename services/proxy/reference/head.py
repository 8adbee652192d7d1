"""The head of a request, out of bytes that come in any pieces (RFC 9112 2 to 5). No I/O.

Strict where leniency lets two readers see two requests: lines end in CRLF, no folding, no space before a
colon, no control characters, one Host, no content with CONNECT.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from services.http.reference.uri import is_authority
from services.proxy.reference.errors import Malformed

LONGEST_LINE = 8192
LONGEST_HEAD = 16_384
MOST_FIELDS = 100
COMMON = 512
"""Heads up to this length are remembered: a client that opens many tunnels asks for all in the same words."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(%b) ([!-~]+) HTTP/([0-9])\.([0-9])" % _TOKEN)
# RFC 9110 5.5: field content is visible characters, obs-text, and blanks within.
_FIELD = re.compile(rb"(%b):[ \t]*([!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?[ \t]*" % _TOKEN)
_BARE_LF = re.compile(rb"(?<!\r)\n")
_START = re.compile(_TOKEN)

Pairs = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Head:
    """A request head as received: field names in lower case, `version` as (major, minor).

    What it means is found out once: a head that is remembered is served again and again.
    """

    method: str
    target: str
    version: tuple[int, int]
    fields: Pairs

    def values(self, name: bytes) -> list[bytes]:
        """Every value of the field `name`, in order."""
        return [value for key, value in self.fields if key == name]

    @cached_property
    def has_content(self) -> bool:
        """Whether content follows, or is claimed to (RFC 9112 6.3)."""
        lengths = self.values(b"content-length")
        return bool(self.values(b"transfer-encoding")) or any(length != b"0" for length in lengths)

    @cached_property
    def keeps_alive(self) -> bool:
        """Whether the connection is to go on after the answer (RFC 9112 9.3)."""
        options = {o.strip().lower() for v in self.values(b"connection") for o in v.split(b",")}
        return self.version == (1, 1) and b"close" not in options and not self.has_content


class HeadReader:
    """Collects one head after the other; holds at most LONGEST_HEAD bytes of one."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Head | None:
        """The head that `data` completes, if it does. Raises Malformed as soon as it cannot become one."""
        self._buffer += data
        while self._buffer.startswith(b"\r\n"):
            # RFC 9112 2.2: at least one empty line before a request is to be ignored.
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n", 0, LONGEST_HEAD)
        if end < 0:
            self._check_unfinished()
            return None
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        return _parse_again(head) if len(head) <= COMMON else parse(head)

    @property
    def pending(self) -> bool:
        """Whether the beginning of a head is here, and its end is not."""
        return bool(self._buffer)

    def rest(self) -> bytes:
        """What came behind the head, and forgets it: for CONNECT, the first bytes of the tunnel."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def _check_unfinished(self) -> None:
        buffer = self._buffer
        if buffer and buffer != b"\r" and not _START.match(buffer):
            raise Malformed("this is not HTTP/1.1")
        if _BARE_LF.search(buffer):
            raise Malformed("a line ends in LF without CR")
        if buffer.find(b"\r\n", 0, LONGEST_LINE) < 0 and len(buffer) > LONGEST_LINE:
            raise Malformed(f"the request line is longer than {LONGEST_LINE} bytes", 414)
        if len(buffer) >= LONGEST_HEAD:
            raise Malformed(f"the head is longer than {LONGEST_HEAD} bytes", 431)


def parse(head: bytes) -> Head:
    """A whole head, without its last two CRLF. Raises Malformed: 400, 414, 431 or 505."""
    line, *rest = head.split(b"\r\n")
    if len(line) > LONGEST_LINE:
        raise Malformed(f"the request line is longer than {LONGEST_LINE} bytes", 414)
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Malformed("the request line is not METHOD SP TARGET SP HTTP/1.1")
    method, target, major, minor = found.groups()
    if major != b"1":
        raise Malformed("this port speaks HTTP/1.1", 505)
    if len(rest) > MOST_FIELDS:
        raise Malformed(f"more than {MOST_FIELDS} fields", 431)
    # RFC 9110 2.5: a higher minor version is spoken to as the highest one known.
    version = (1, min(int(minor), 1))
    request = Head(method.decode(), target.decode(), version, tuple(_field(line) for line in rest))
    _check_host(request)
    return request


_parse_again = lru_cache(256)(parse)


def _field(line: bytes) -> tuple[bytes, bytes]:
    found = _FIELD.fullmatch(line)
    if found is None:
        raise Malformed("a field line is not NAME: VALUE")
    return found[1].lower(), found[2] or b""


def _check_host(request: Head) -> None:
    """RFC 9112 3.2: exactly one Host in HTTP/1.1, and a valid one."""
    hosts = request.values(b"host")
    if len(hosts) > 1:
        raise Malformed("more than one Host")
    if not hosts and request.version == (1, 1):
        raise Malformed("there is no Host")
    if hosts and not is_authority(hosts[0]):
        raise Malformed("the Host is not HOST or HOST:PORT")
