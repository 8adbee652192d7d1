"""Who sends datagrams: one journal entry's `connection` for each address and port, as none is opened."""

from __future__ import annotations

from collections.abc import Sequence

from services.kit.journal import Connection
from services.kit.mmsg import address_of

MOST = 4_096


class Peers:
    """The senders of late, as the journal names them. Bounded: when full, it starts anew."""

    def __init__(self) -> None:
        self._known: dict[bytes, Connection] = {}

    def of(self, names: Sequence[bytes]) -> list[Connection]:
        """Return the sender with each of these sockaddrs; connection number 0 stands for "none"."""
        known = self._known
        if len(known) > MOST:
            known.clear()
        for name in set(names).difference(known):
            known[name] = Connection(0, address_of(name), ())
        return [known[name] for name in names]
