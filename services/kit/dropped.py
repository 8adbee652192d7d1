"""A connection beyond a service's limit: closed at once, and said so in the journal."""

from __future__ import annotations

import asyncio
from typing import cast

from services.kit.journal import Connection, Journal
from services.kit.names import ends


class Dropped(asyncio.Protocol):
    """Takes the connection only to close it, as Node's `dropConnection` does."""

    def __init__(self, journal: Journal, limit: int) -> None:
        self._journal, self._limit = journal, limit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing is read, nothing is answered."""
        nameless = Connection(0, *ends(transport))
        self._journal.emit("dropConnection", nameless, None, {"limit": self._limit})
        cast("asyncio.Transport", transport).abort()
