"""Conditional requests (RFC 9110 13): entity tags, dates, and the order in which they are judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property, lru_cache

from services.http.app.message import Fields, Request

# RFC 9110 8.8.3: a tag is any of %x21 %x23-7E and obs-text between quotes.
_TAG = re.compile(rb'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_READ = ("GET", "HEAD")


@dataclass(frozen=True)
class Validators:
    """What a representation is known by: `tag` without its quotes, `modified` in whole seconds."""

    tag: bytes | None = None
    modified: datetime | None = None
    weak: bool = False

    @cached_property
    def fields(self) -> Fields:
        """ETag and Last-Modified."""
        tag = ((b"etag", self.entity_tag),) if self.tag is not None else ()
        return (*tag, *(((b"last-modified", http_date(self.modified)),) if self.modified else ()))

    @property
    def entity_tag(self) -> bytes:
        """The tag as a field carries it."""
        return (b"W/" if self.weak else b"") + b'"%s"' % (self.tag or b"")


@lru_cache(maxsize=256)
def http_date(when: datetime) -> bytes:
    """An IMF-fixdate (RFC 9110 5.6.7)."""
    return format_datetime(when.astimezone(UTC), usegmt=True).encode()


def parse_date(value: bytes) -> datetime | None:
    """A date in any of the three forms of RFC 9110 5.6.7, or None."""
    try:
        when = parsedate_to_datetime(value.decode("ascii"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def judge(request: Request, current: Validators) -> int | None:
    """412, 304, or None to go on: the steps of RFC 9110 13.2.2, but If-Range."""
    if (held := request.value(b"if-match")) is not None:
        if not _matches(held, current, strong=True):
            return 412
    elif (since := _date(request, b"if-unmodified-since")) and current.modified and current.modified > since:
        return 412
    return _judge_cached(request, current)


def _judge_cached(request: Request, current: Validators) -> int | None:
    if (held := request.value(b"if-none-match")) is not None:
        if not _matches(held, current, strong=False):
            return None
        return 304 if request.method in _READ else 412
    if request.method not in _READ:
        return None
    since = _date(request, b"if-modified-since")
    return 304 if since and current.modified and current.modified <= since else None


def range_applies(request: Request, current: Validators) -> bool:
    """Whether If-Range, if there is one, lets the Range field count (RFC 9110 13.1.5, 14.2)."""
    value = request.value(b"if-range")
    if value is None:
        return True
    tag = _TAG.fullmatch(value.strip())
    if tag:
        return not tag[1] and not current.weak and tag[2] == current.tag
    return current.modified is not None and parse_date(value) == current.modified


def _matches(held: bytes, current: Validators, *, strong: bool) -> bool:
    """RFC 9110 8.8.3.2: the strong comparison refuses weak tags; `*` matches whatever there is."""
    if held.strip() == b"*":
        return True
    if strong and current.weak:
        return False
    found = _TAG.finditer(held)
    return any(tag == current.tag and not (strong and weak) for weak, tag in (m.groups() for m in found))


def _date(request: Request, name: bytes) -> datetime | None:
    """The field's date; RFC 9110 13.1.3: more than one value, or no date, counts as no field."""
    values = request.values(name)
    return parse_date(values[0]) if len(values) == 1 else None
