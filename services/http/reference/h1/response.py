"""A response on the wire: its head, and how its content is framed (RFC 9112 4 and 6)."""

from __future__ import annotations

from functools import lru_cache

from services.http.app.message import REASONS, Fields, Request, Response
from services.http.reference.h1 import grammar
from services.http.reference.h1.errors import BadResponse

NOTHING, SIZED, CHUNKS, UNTIL_CLOSE, AS_IT_IS = range(5)
"""How content is framed: there is none; Content-Length says; chunked; it ends with the connection.

AS_IT_IS is no framing of a response: what a tunnel carries, or a handler that misbehaves on purpose.
"""

LAST_CHUNK = b"0\r\n\r\n"


def status_line(status: int) -> bytes:
    """The status line: always in our own version (RFC 9110 2.5)."""
    return b"HTTP/1.1 %d %s\r\n" % (status, REASONS.get(status, "").encode("ascii"))


def field_lines(fields: Fields) -> bytes:
    """`fields` as lines. Raises BadResponse for what would break out of its line."""
    return b"".join([_remembered(*field) if len(field[1]) <= _SHORT else _line(*field) for field in fields])


def _line(name: bytes, value: bytes) -> bytes:
    if not grammar.IS_TOKEN(name) or not grammar.IS_VALUE(value):
        raise BadResponse(f"no field can be {name!r}: {value!r}")
    return b"%s: %s\r\n" % (name, value)


_SHORT = 128
_remembered = lru_cache(maxsize=512)(_line)
"""Services repeat themselves: most lines have been found right, and made, before."""


def framed_as(request: Request, status: int, fields: Fields) -> int:
    """How the content of this response to `request` is framed (RFC 9112 6.3)."""
    if request.method == "HEAD" or status in (204, 304) or status < 200:
        return NOTHING
    if any(name.lower() == b"content-length" for name, _ in fields):
        return SIZED
    return CHUNKS if request.version == "1.1" else UNTIL_CLOSE


def with_length(response: Response) -> Fields:
    """The fields of a whole response, with its Content-Length where one belongs (RFC 9110 8.6)."""
    fields = response.fields
    if response.status in (204, 304) or b"content-length" in [name.lower() for name, _ in fields]:
        return fields
    return (*fields, (b"content-length", b"%d" % len(response.body)))


def chunk(data: bytes) -> tuple[bytes, ...]:
    """`data`, which is not empty, as one chunk (RFC 9112 7.1)."""
    return b"%x\r\n" % len(data), data, b"\r\n"


def last_chunk(trailers: Fields) -> bytes:
    """The end of a chunked content, with its trailer section (RFC 9112 7.1.2)."""
    return b"0\r\n" + field_lines(trailers) + b"\r\n" if trailers else LAST_CHUNK
