"""Requests and responses as the application sees them, whatever carried them (RFC 9110 3.4).

Field names and values are bytes, in the order and the letter case in which they came; HTTP/2 gives them in
lower case and its pseudo-fields are not among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote_to_bytes

Field = tuple[bytes, bytes]
Fields = tuple[Field, ...]

CONTINUE = "100-continue"
"""The one expectation that is met (RFC 9110 10.1.1)."""

REASONS = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""As RFC 9110 15 has them, whatever the Python."""
_CONDITIONS = frozenset(
    (b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since", b"if-range", b"range")
)


@dataclass(frozen=True, eq=False)
class Request:
    """The head of one request. Immutable and free of connection facts, so that equal heads can be shared.

    `target` is the request target as received (HTTP/2: `:path`, or `:authority` of a CONNECT); `version` is
    "1.0", "1.1" or "2"; `protocol` is the `:protocol` of an extended CONNECT (RFC 8441).
    """

    method: str
    target: bytes
    version: str
    scheme: str
    authority: str
    fields: Fields
    protocol: str | None = None

    def values(self, name: bytes) -> Sequence[bytes]:
        """Every value of the field `name` (lower case), in order."""
        return self._values.get(name, ())

    def value(self, name: bytes) -> bytes | None:
        """The values of the field `name` (lower case) joined by comma (RFC 9110 5.2), or None."""
        found = self._values.get(name)
        return b", ".join(found) if found else None

    @property
    def is_absolute(self) -> bool:
        """Whether the target is in absolute-form (RFC 9112 3.2.2): a path may hold `://` too."""
        return self.target[:1] != b"/" and b"://" in self.target

    @cached_property
    def conditional(self) -> bool:
        """Whether what the client holds decides on the answer (RFC 9110 13 and 14)."""
        return not _CONDITIONS.isdisjoint(self._values)

    @cached_property
    def _values(self) -> Mapping[bytes, Sequence[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for name, value in self.fields:
            found.setdefault(name.lower(), []).append(value)
        return found

    @cached_property
    def path(self) -> str:
        """The path of the target, percent-decoded as UTF-8."""
        return unquote_to_bytes(self._origin_form.partition(b"?")[0]).decode("utf-8", "replace")

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query's pairs, percent-decoded as UTF-8; raw UTF-8 is accepted too."""
        raw = self._origin_form.partition(b"?")[2].decode("utf-8", "surrogateescape")
        return tuple(parse_qsl(raw, keep_blank_values=True, max_num_fields=1000, errors="replace"))

    @cached_property
    def expectation(self) -> str | None:
        """What Expect asks for, in lower case, each member once; None from HTTP/1.0 (RFC 9110 10.1.1)."""
        members = (self.value(b"expect") or b"").decode("latin-1").lower().split(",")
        asked = dict.fromkeys(filter(None, (member.strip(" \t") for member in members)))
        return ", ".join(asked) if asked and self.version != "1.0" else None

    def parameter(self, name: str, default: str | None = None) -> str | None:
        """The first query parameter called `name`."""
        return next((value for key, value in self.query if key == name), default)

    @cached_property
    def _origin_form(self) -> bytes:
        if not self.is_absolute:
            return self.target
        rest = self.target.partition(b"://")[2]
        cut = min((i for i in (rest.find(b"/"), rest.find(b"?")) if i >= 0), default=len(rest))
        return rest[cut:] if rest[cut : cut + 1] == b"/" else b"/" + rest[cut:]


@dataclass(frozen=True, eq=False)
class Response:
    """A whole response. The engine adds `date`, `content-length` and what its connection needs.

    `encoded` belongs to the engines: each keeps there, under its own key, the bytes it made of this
    response, so that a response used twice is serialised once.
    """

    status: int
    fields: Fields = ()
    body: bytes = b""
    trailers: Fields = ()
    encoded: dict[str, bytes] = field(default_factory=dict, repr=False)


def text(status: int, body: str, *fields: Field, media_type: str = "text/plain; charset=utf-8") -> Response:
    """A response of text, in UTF-8."""
    return Response(status, ((b"content-type", media_type.encode()), *fields), body.encode())


def json_response(value: object, status: int = 200, *fields: Field) -> Response:
    """A response of compact JSON, in UTF-8."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text(status, body, *fields, media_type="application/json; charset=utf-8")


def problem(status: int, words: str, fields: Fields = ()) -> Response:
    """An error response that says in words what was wrong."""
    content = {"status_code": status, "error": REASONS.get(status, "Error"), "detail": words}
    return json_response(content, status, *fields)
