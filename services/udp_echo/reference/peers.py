"""The clients that were heard of lately: UDP has no connections, but a journal needs somebody to name."""

from __future__ import annotations

import socket
from collections import OrderedDict

from services.kit.journal import Connection, Journal
from services.kit.mmsg import address_of


class Peers(OrderedDict[bytes, Connection]):
    """Sockaddr to counters, at most `limit` of them; the first to be met is the first to be forgotten."""

    def __init__(self, journal: Journal, limit: int) -> None:
        super().__init__()
        self._journal, self._limit = journal, limit

    def meet(self, name: bytes, local: socket.socket) -> Connection:
        """A client not heard of before, or forgotten since; `local` is where its datagram came."""
        journal = self._journal
        if len(self) >= self._limit:
            _, forgotten = self.popitem(last=False)
            journal.connections.pop(forgotten.id, None)
        journal.opened += 1
        peer = Connection(journal.opened, address_of(name), local.getsockname())
        self[name] = journal.connections[peer.id] = peer
        return peer
