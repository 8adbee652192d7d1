"""How many tunnels may be open, in all and for one client. No I/O."""

from __future__ import annotations

from collections import Counter

from services.proxy.reference.errors import Cause, Refusal

# RFC 9110 10.2.3: a guess at when to come back, in seconds.
_LATER = (("Retry-After", "1"),)


class Limits:
    """Counts tunnels from the moment they are asked for, so that slow dials count too."""

    def __init__(self, most: int, per_client: int) -> None:
        self._most, self._per_client = most, per_client
        self._open: Counter[str] = Counter()
        self.total = 0

    def take(self, client: str) -> None:
        """One more for `client`. Raises Refusal: 503 when all are taken, 429 when its share is."""
        if self.total >= self._most:
            raise Refusal(503, Cause.CONNECTION_LIMIT, f"tunnels open already: {self._most}", _LATER)
        if self._open[client] >= self._per_client:
            reason = f"tunnels open already for {client}: {self._per_client}"
            raise Refusal(429, Cause.CONNECTION_LIMIT, reason, _LATER)
        self.total += 1
        self._open[client] += 1

    def give(self, client: str) -> None:
        """One less for `client`."""
        self.total -= 1
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]
