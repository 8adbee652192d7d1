"""What came back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Fields = tuple[tuple[bytes, bytes], ...]


class Named:
    """Look-up in `fields` by name, whatever its letter case."""

    __slots__ = ()
    fields: Fields

    def values(self, name: str) -> list[str]:
        """Every value of the field `name`, in order."""
        wanted = name.lower().encode()
        return [value.decode("latin-1") for key, value in self.fields if key.lower() == wanted]

    def value(self, name: str) -> str | None:
        """The values of the field `name`, joined by comma (RFC 9110 5.2); None when it is not there."""
        found = self.values(name)
        return ", ".join(found) if found else None


@dataclass(frozen=True, slots=True)
class Interim(Named):
    """A 1xx response (RFC 9110 15.2)."""

    status: int
    reason: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Reply(Named):
    """A final response, its content whole. `trailers` is its trailer section; field names are as they came.

    `reused` tells whether the request went out on a connection that had served another, `persistent` whether
    the connection can serve a next one, and `local` is the client's own (address, port) on it.
    """

    status: int
    reason: str
    version: str
    fields: Fields
    body: bytes = b""
    trailers: Fields = ()
    interims: tuple[Interim, ...] = ()
    reused: bool = False
    persistent: bool = True
    local: tuple[str, int] | None = None

    @property
    def text(self) -> str:
        """The content as UTF-8."""
        return self.body.decode("utf-8")

    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.body)
