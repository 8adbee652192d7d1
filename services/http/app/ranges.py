"""Range requests (RFC 9110 14): byte ranges, one as it is, several as multipart/byteranges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

# RFC 9110 14.2: a server may ignore what asks for too much at once.
MOST = 16
_SPEC = re.compile(rb"([0-9]{0,80})-([0-9]{0,80})")
BOUNDARY = b"wireyard-byteranges"


class Content(Protocol):
    """Something that can be read anywhere."""

    @property
    def size(self) -> int:
        """How many bytes."""
        ...

    def read(self, first: int, last: int) -> Iterable[bytes]:
        """The bytes from `first` to `last`, both included."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1

    def field(self, whole: int) -> bytes:
        """Content-Range (RFC 9110 14.4)."""
        return b"bytes %d-%d/%d" % (self.first, self.last, whole)


def parse(value: bytes, size: int) -> list[Span] | None:
    """The satisfiable spans of a Range value over `size` bytes; an empty list is 416.

    None means that the field is ignored (RFC 9110 14.2): another unit, bad syntax, or too many or heavily
    overlapping ranges (RFC 9110 17.15).
    """
    unit, found, ranges = value.partition(b"=")
    if not found or unit.strip().lower() != b"bytes":
        return None
    texts = [text.strip() for text in ranges.split(b",") if text.strip()]
    matches = [_SPEC.fullmatch(text) for text in texts]
    if not texts or len(texts) > MOST or not all(matches):
        return None
    pairs = [match.groups() for match in matches if match]
    if any(not first and not last for first, last in pairs):
        return None
    if any(first and last and int(first) > int(last) for first, last in pairs):
        return None
    spans = [span for first, last in pairs if (span := _span(first, last, size))]
    return None if sum(span.size for span in spans) > 2 * size else spans


def _span(first: bytes, last: bytes, size: int) -> Span | None:
    """One range-spec, or None when it cannot be satisfied (RFC 9110 14.1.2)."""
    if not first:
        suffix = min(int(last), size)
        return Span(size - suffix, size - 1) if suffix else None
    if int(first) >= size:
        return None
    return Span(int(first), min(int(last), size - 1) if last else size - 1)


def part_head(span: Span, whole: int, media_type: bytes) -> bytes:
    """What stands before one part of a multipart/byteranges (RFC 9110 14.6)."""
    return b"\r\n--%s\r\ncontent-type: %s\r\ncontent-range: %s\r\n\r\n" % (
        BOUNDARY,
        media_type,
        span.field(whole),
    )


def multipart_size(spans: Sequence[Span], whole: int, media_type: bytes) -> int:
    """The length of the whole multipart content."""
    return sum(len(part_head(span, whole, media_type)) + span.size for span in spans) + len(BOUNDARY) + 8


def multipart(content: Content, spans: Sequence[Span], media_type: bytes) -> Iterator[bytes]:
    """The parts, each with its head, in the order asked for."""
    for span in spans:
        yield part_head(span, content.size, media_type)
        yield from content.read(span.first, span.last)
    yield b"\r\n--" + BOUNDARY + b"--\r\n"
