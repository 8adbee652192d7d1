"""The life of an HTTP/1.1 connection: taken up, held back, timed, closed in stages (RFC 9112 9).

HEAD     waiting for a request, or in the middle of its head
BUSY     an exchange is under way; what comes behind its request waits, and then so does the client
DRAIN    answered before all of the request had come: the rest is read away
TUNNEL   after a 101, or the 200 to a CONNECT: bytes, no messages
LINGER   FIN sent; what still comes is thrown away until the client closes too (RFC 9112 9.6)
CLOSED
"""

from __future__ import annotations

import asyncio
import socket
import struct
from abc import abstractmethod
from typing import cast

from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.reader import Reader
from services.http.reference.http1_exchange import Http1Exchange
from services.http.reference.http1_output import NEVER, Output
from services.http.reference.site import Site

HEAD, BUSY, DRAIN, TUNNEL, LINGER, CLOSED = "head", "busy", "drain", "tunnel", "linger", "closed"
HIGH, LOW = 64 * 1024, 16 * 1024
"""Unread bytes at which the client is made to wait, and at which it may go on."""
_RESET = struct.pack("ii", 1, 0)


class Life(Output):
    """What http1.py adds the requests to. `ended` tells that the client sends no more."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.reader = Reader(site.limits)
        self.ended = False
        self._state = HEAD
        self._quiet = True
        """Nothing under way and nothing unread: a known head can be answered at once."""
        self._held = False
        self._discarded = 0
        self._exchange: Http1Exchange | None = None

    @abstractmethod
    def refuse(self, bad: BadMessage) -> None:
        """Answers what is no message, and closes."""

    @abstractmethod
    def completed(self, *, persistent: bool) -> None:
        """The exchange under way has ended, and its response is with the kernel."""

    # -- taken up and lost -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the connection up, or drops it when there are too many."""
        self.transport = cast("asyncio.Transport", transport)
        journal, extra = self.site.journal, transport.get_extra_info
        self.transport.set_write_buffer_limits(0)
        self.connection = extra("connection") or journal.open(extra("peername"), extra("sockname"))
        self.connection.state = "idle"
        self.deadline = self.site.now + self.site.settings.head_within
        if not self.site.join(self):
            self._emit("dropConnection", self.connection)
            self._leave(CLOSED)
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, whoever brought it about."""
        self._leave(CLOSED)
        self.deadline = NEVER
        self.site.leave(self)
        if exc is not None:
            self._emit("error", self.connection, None, {"error": str(exc)})
        self.lose_output()
        if self._exchange is not None:
            self._exchange.lost()
        self.site.journal.close(self.connection)

    def _leave(self, state: str) -> None:
        """Into a state in which no request is taken up any more."""
        self._quiet, self._state = False, state

    # -- held back -------------------------------------------------------------------------------

    def _hold_back(self) -> None:
        if self.reader.pending > HIGH:
            self.hold()

    def hold(self) -> None:
        """Takes nothing more from the client, until `read_on`."""
        self._held = True
        self.transport.pause_reading()

    def read_on(self) -> None:
        """A piece was taken: lets the client go on when little is left."""
        if self.reader.pending <= LOW:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if self._held and not self.transport.is_closing():
            self._held = False
            self.transport.resume_reading()

    # -- closed ----------------------------------------------------------------------------------

    def tunnel(self) -> None:
        """From here on there are no messages, only bytes."""
        self._state = self.connection.state = TUNNEL

    def close(self) -> None:
        """FIN behind what was written, then waits for the client's."""
        if self._state in (LINGER, CLOSED):
            return
        if self.ended:
            self.flush()
        else:
            self.part()
        self._leave(LINGER)
        self.connection.state, self._discarded = "closing", 0
        settings = self.site.settings
        self.deadline = self.site.now + (settings.write_within if self.blocked else settings.linger_within)
        if self.ended:
            self.transport.close()
        else:
            self._resume_reading()

    def _discard(self, length: int) -> None:
        self._discarded += length
        if self._discarded > self.site.settings.drain:
            self.transport.abort()

    def reset(self) -> None:
        """Ends the connection with RST."""
        self._leave(CLOSED)
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    # -- the site's side -------------------------------------------------------------------------

    def expired(self) -> None:
        """The client took too long."""
        self.deadline = NEVER
        waiting = "writing" if self.blocked else self.connection.state
        self._emit("timeout", self.connection, None, {"state": waiting})
        if self.blocked or self._state in (LINGER, TUNNEL, CLOSED):
            self.transport.abort()
        elif self._state == DRAIN or not (self._exchange or self.reader.pending):
            self.close()
        else:
            what = "head" if self._state == HEAD else "content"
            self.refuse(BadMessage(408, f"the {what} took too long", "RFC 9110 15.5.9"))

    def retire(self) -> None:
        """The service stops: what is under way is finished, and nothing new begun."""
        self._quiet = False
        if self._state == HEAD and not self.reader.pending:
            self.close()
        elif self._state == TUNNEL and self._exchange is not None:
            # Nothing in a tunnel says that it is whole: its handler is told that no more will come.
            self.ended = True
            self._exchange.wake()

    def kill(self) -> None:
        """The service has stopped."""
        self.transport.abort()
