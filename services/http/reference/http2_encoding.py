"""Response heads as HPACK blocks: the application's fields, and the `date` of this second.

A block never touches a dynamic table (see `h2.compression`), so it is made once for a Response object and
sent on every connection.
"""

from __future__ import annotations

from services.http.app.message import Fields, Response
from services.http.reference.h2.compression import encode
from services.http.reference.h2.headers import CONNECTION_FIELDS
from services.http.reference.site import Site

_KEY = "h2"
_NO_CONTENT = (204, 205, 304)


class Heads:
    """Makes response heads; shared by all connections of a service."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._date = b""
        self._date_block = b""

    @property
    def date(self) -> bytes:
        """The `date` field (RFC 9110 6.6.1) as a block."""
        if self._site.date is not self._date:
            self._date = self._site.date
            self._date_block = encode(((b"date", self._date),))
        return self._date_block

    def head(self, status: int, fields: Fields) -> bytes:
        """A final head: `:status`, the fields as HTTP/2 wants them, and `date` unless it is among them."""
        block = encode(((b":status", b"%d" % status), *regular(fields)))
        return block if _has(fields, b"date") else block + self.date

    def whole(self, response: Response) -> bytes:
        """The head of a whole response, with its `content-length` (RFC 9110 8.6)."""
        block = response.encoded.get(_KEY)
        if block is None:
            if _has(response.fields, b"date"):
                return self.head(response.status, sized(response))
            block = encode(((b":status", b"%d" % response.status), *regular(sized(response))))
            response.encoded[_KEY] = block
        return block + self.date


def interim(status: int, fields: Fields) -> bytes:
    """An interim head (RFC 9110 15.2)."""
    return encode(((b":status", b"%d" % status), *regular(fields)))


def regular(fields: Fields) -> Fields:
    """Fields as HTTP/2 wants them (RFC 9113 8.2.1 and 8.2.2)."""
    lowered = ((name.lower(), value) for name, value in fields)
    return tuple((name, value) for name, value in lowered if name not in CONNECTION_FIELDS)


def sized(response: Response) -> Fields:
    """The fields of a whole response with its length, where it may have one."""
    if response.status in _NO_CONTENT or _has(response.fields, b"content-length"):
        return response.fields
    return (*response.fields, (b"content-length", b"%d" % len(response.body)))


def _has(fields: Fields, wanted: bytes) -> bool:
    return any(name.lower() == wanted for name, _ in fields)
