"""Master files (RFC 1035 5, RFC 2308 4): text to records, every error with its file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.dns.reference import rdata
from services.dns.reference.errors import DNSServiceError, ZoneError
from services.dns.reference.names import from_text
from services.dns.reference.rrtypes import is_meta, type_from_text
from services.dns.reference.tokens import Line, Token, duration, lines
from services.dns.reference.zone import Record

MAX_INCLUDES = 8
_CLASSES = {"IN", "CS", "CH", "HS"}
Reader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _State:
    """What one line leaves to the next. `ttl` is what $TTL set, `last_ttl` that of the last record."""

    file: str
    origin: bytes
    depth: int = 0
    owner: bytes | None = None
    ttl: int | None = None
    last_ttl: int | None = None


def parse(text: str, file: str, origin: bytes, read: Reader) -> Iterator[Record]:
    """Yield the records of a master file in order.

    Args:
        text: the file's content.
        file: its name, for messages and for `$INCLUDE`.
        origin: the name that relative names are relative to until `$ORIGIN`.
        read: gives the content of the file that `$INCLUDE` names; may raise OSError.

    Raises:
        ZoneError: with `file:line` and the reason.
    """
    yield from _parse(text, _State(file, origin), read)


def _parse(text: str, state: _State, read: Reader) -> Iterator[Record]:
    for line in lines(text, state.file):
        where = f"{state.file}:{line.number}"
        try:
            if line.words[0].text.startswith("$") and not line.indented:
                state, included = _directive(line, state, read)
                yield from included
            else:
                record = _record(line, state, where)
                state = replace(state, owner=record.owner, last_ttl=record.ttl)
                yield record
        except ZoneError:
            raise
        except (DNSServiceError, ValueError, OSError) as error:
            raise ZoneError(where, str(error)) from error


def _directive(line: Line, state: _State, read: Reader) -> tuple[_State, Iterator[Record]]:
    keyword, *arguments = [word.text for word in line.words]
    match keyword.upper(), arguments:
        case "$ORIGIN", [origin]:
            return replace(state, origin=from_text(origin, state.origin)), iter(())
        case "$TTL", [ttl]:
            return replace(state, ttl=duration(ttl)), iter(())
        case "$INCLUDE", [file, *rest] if len(rest) < 2:
            if state.depth == MAX_INCLUDES:
                raise ValueError(f"more than {MAX_INCLUDES} files include each other")
            origin_ = from_text(rest[0], state.origin) if rest else state.origin
            inner = replace(state, file=file, origin=origin_, depth=state.depth + 1)
            return state, _parse(read(file), inner, read)
    raise ValueError(f"{' '.join([keyword, *arguments])!r} is no directive")


def _record(line: Line, state: _State, where: str) -> Record:
    words: Sequence[Token] = line.words
    if line.indented:
        owner = state.owner
    else:
        owner, words = from_text(words[0].text, state.origin), words[1:]
    if owner is None:
        raise ValueError("the first record has no owner")
    ttl, words = _ttl_and_class(words)
    if not words:
        raise ValueError("a record type is missing")
    rrtype = type_from_text(words[0].text)
    if is_meta(rrtype):
        raise ValueError(f"{words[0].text} cannot stand in a zone (RFC 6895 3.1)")
    for candidate in (ttl, state.ttl, state.last_ttl):
        if candidate is not None:
            return Record(owner, candidate, rrtype, rdata.from_words(rrtype, words[1:], state.origin), where)
    raise ValueError("no TTL: neither here, nor before, nor by $TTL (RFC 2308 4)")


def _ttl_and_class(words: Sequence[Token]) -> tuple[int | None, Sequence[Token]]:
    """Take TTL and class off the front, in either order (RFC 1035 5.1)."""
    ttl: int | None = None
    seen_class = False
    while words:
        text = words[0].text
        if text.upper() in _CLASSES and not seen_class:
            if text.upper() != "IN":
                raise ValueError(f"class {text} is not served")
            seen_class = True
        elif text[:1].isdecimal() and ttl is None:
            ttl = duration(text)
        else:
            break
        words = words[1:]
    return ttl, words
