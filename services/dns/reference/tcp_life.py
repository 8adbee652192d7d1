"""The life of a connection: how it begins, how long it may be silent, and the ways in which it ends."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import cast

from services.dns.reference.exchange import Asker, Transport
from services.dns.reference.limits import Limits
from services.kit.journal import Connection, Journal
from services.kit.names import ends

HIGH_WATER = 1 << 20


class Life(asyncio.Protocol):
    """What tcp_output.py adds the sending half to.

    Silence is measured from whole message to whole message, so that half a query cannot hold a place.

    Attributes:
        waiting: queries that wait for their answers.
        writable: whether the asker takes what is sent.
        ended: whether no more queries are taken.
    """

    connection: Connection
    transport: asyncio.Transport
    asker: Asker

    def __init__(self, journal: Journal, limits: Limits, kind: Transport) -> None:
        self.journal = journal
        self.limits = limits
        self.loop = asyncio.get_running_loop()
        self.waiting = 0
        self.writable = True
        self.ended = False
        self._kind = kind
        self._heard = self.loop.time()

    @abstractmethod
    def serve(self) -> None:
        """Go on with whatever can be done."""

    @abstractmethod
    def throttle(self) -> None:
        """Read on or not, as there is room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to read, and to count silence."""
        self.transport = stream = cast("asyncio.Transport", transport)
        stream.set_write_buffer_limits(high=HIGH_WATER)
        peer, local = ends(transport)
        self.asker = Asker(str(peer[0]).partition("%")[0], peer[1], self._kind)
        known: Connection | None = transport.get_extra_info("connection")
        self.connection = known or self.journal.open(peer, local)
        self.connection.facts["transport"] = self._kind.value
        self.limits.admit(self)
        self._silence = self.loop.call_later(self.limits.idle, self._expire)

    def heard(self) -> None:
        """Count silence anew, for a whole message has come."""
        self.limits.touched(self)
        self._heard = self.loop.time()

    def eof_received(self) -> bool:
        """Answer what is under way before closing (the asker has shut only its own side)."""
        self.ended = True
        self.journal.emit("end", self.connection)
        self.serve()
        return True

    def pause_writing(self) -> None:
        """Stop answering a reader that does not read."""
        self.writable = False
        self.throttle()

    def resume_writing(self) -> None:
        """Go on."""
        self.writable = True
        self._heard = self.loop.time()
        self.serve()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection out."""
        self._silence.cancel()
        self.limits.release(self)
        if exc is not None:
            self.journal.emit("error", self.connection, None, {"error": str(exc)})
        self.journal.close(self.connection)

    def abandon(self, reason: str) -> None:
        """Close now, for the service's own reasons."""
        self.limits.release(self)
        self.journal.emit("timeout", self.connection, None, {"reason": reason})
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def finish(self) -> None:
        """Take no more queries; close as soon as nothing waits."""
        self.ended = True
        self.serve()

    def _expire(self) -> None:
        left = self._heard + self.limits.idle - self.loop.time()
        if left <= 0 and not self.waiting:
            self.abandon(f"silent for {self.limits.idle:g} s")
        else:
            self._silence = self.loop.call_later(left if left > 0 else self.limits.idle, self._expire)
