"""The sending half of a connection: what goes out together, and what the journal is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.dns.reference.exchange import Transport
from services.dns.reference.facts import noted
from services.dns.reference.framing import BATCH, framed, messages
from services.dns.reference.limits import Limits
from services.dns.reference.tcp_life import Life
from services.kit.journal import Journal
from services.kit.pages import Each

TOGETHER = 1 << 16  # octets of answers that wait for one another
_EXCHANGES = tuple(("query", "answer") * count for count in range(BATCH + 1))


@dataclass(frozen=True, slots=True)
class Exchanges(Each):
    """Queries and their answers as the journal keeps them: as they were on the wire, to be parted later."""

    queries: bytes
    answers: bytes

    def told(self) -> Sequence[bytes]:
        """Each query with its answer behind it."""
        pairs = zip(messages(self.queries, 0), messages(self.answers, 0), strict=True)
        return [message for pair in pairs for message in pair]


class Output(Life):
    """What tcp.py adds the receiving half to."""

    def __init__(self, journal: Journal, limits: Limits, kind: Transport) -> None:
        super().__init__(journal, limits, kind)
        self._outbox: list[bytes] = []
        self._outgoing = 0

    def put(self, queries: bytes, answers: Sequence[bytes]) -> None:
        """Send answers that needed no judging, a batch at most, to these queries as they were on the wire."""
        if self.transport.is_closing():
            return
        octets = b"".join(map(framed, answers))
        self._enqueue(octets)
        self.journal.emit_series(_EXCHANGES[len(answers)], self.connection, None, Exchanges(queries, octets))

    def send(self, wire: bytes) -> None:
        """Send one answer."""
        if self.transport.is_closing():
            return
        self._enqueue(framed(wire))
        self.note("answer", wire)

    def note(self, event: str, wire: bytes) -> None:
        """Tell the journal of one message."""
        self.journal.emit(event, self.connection, None, noted(wire))

    def _enqueue(self, octets: bytes) -> None:
        """Put octets to those that go out together; what is much goes at once."""
        self._outbox.append(octets)
        self._outgoing += len(octets)
        if self._outgoing > TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Send what has gathered."""
        if self._outbox and not self.transport.is_closing():
            octets = b"".join(self._outbox)
            self.connection.bytes_out += len(octets)
            self.transport.write(octets)
        self._outbox, self._outgoing = [], 0
