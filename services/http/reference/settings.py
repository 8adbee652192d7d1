"""What the reference HTTP services are told, beside what every service is."""

from __future__ import annotations

from dataclasses import dataclass

from services.http.reference.h1.limits import Limits
from services.kit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings(Settings):
    """All times are seconds, all sizes bytes; `requests` a connection, 0 for no limit.

    `head_within` bounds a whole request head from its first byte, `body_within` the wait for a next piece
    of content (both answered 408), `idle_within` the wait for a next request, `write_within` the wait for a
    client that takes nothing, `linger_within` the wait for a client's FIN behind ours. `drain` is how much
    unread content is read away to keep a connection. `frames` has the journal tell every HTTP/2 frame.
    """

    head_within: float = 10.0
    body_within: float = 30.0
    idle_within: float = 75.0
    write_within: float = 60.0
    linger_within: float = 2.0
    requests: int = 0
    connections: int = 20_000
    frames: bool = False
    drain: int = 1024 * 1024
    max_line: int = 8 * 1024
    max_head: int = 64 * 1024
    max_field: int = 16 * 1024
    max_fields: int = 100

    def limits(self) -> Limits:
        """What the HTTP/1.1 core needs of these."""
        return Limits(line=self.max_line, head=self.max_head, field=self.max_field, fields=self.max_fields)
