"""How much of everything one client may send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All in bytes, but `fields`, a count.

    `line` bounds the request line (414, RFC 9110 15.5.15); `head` all of a head, `field` one field line,
    `fields` their number, in a head and in a trailer section (431, RFC 6585 5); `chunk_line` a chunk's size
    with its extensions, `extensions` those of all chunks together (RFC 9112 7.1.1) and `trailers` a trailer
    section.
    """

    line: int = 8 * 1024
    head: int = 64 * 1024
    field: int = 16 * 1024
    fields: int = 100
    chunk_line: int = 256
    extensions: int = 16 * 1024
    trailers: int = 8 * 1024
