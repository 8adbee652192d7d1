"""Who sends datagrams: one journal entry's `connection` for each address and port, as none is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.kit.journal import Connection

MOST = 4_096


class Peers:
    """The senders of late, as the journal names them. Bounded: when full, it starts anew."""

    def __init__(self) -> None:
        self._known: dict[Any, Connection] = {}

    def of(self, addresses: Sequence[Any]) -> list[Connection]:
        """Return the sender of each datagram; connection number 0 stands for "none"."""
        known = self._known
        if len(known) > MOST:
            known.clear()
        for address in set(addresses).difference(known):
            known[address] = Connection(0, address, ())
        return [known[address] for address in addresses]
