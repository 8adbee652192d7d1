"""What came back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from clients.http1.reply import Fields, Named


@dataclass(frozen=True, slots=True)
class Interim(Named):
    """A 1xx response (RFC 9110 15.2)."""

    status: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Reply(Named):
    """A final response, its content whole; `stream` carried it, `local` is the client's (address, port)."""

    stream: int
    status: int
    fields: Fields
    body: bytes = b""
    trailers: Fields = ()
    interims: tuple[Interim, ...] = ()
    local: tuple[str, int] | None = None

    @property
    def text(self) -> str:
        """The content as UTF-8."""
        return self.body.decode("utf-8")

    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.body)
