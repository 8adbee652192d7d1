"""HTTP/1.1 on an asyncio transport: one request after another, each answered in its turn (RFC 9112 9.3).

The states are told in http1_life.py, and how a request is answered in http1_answering.py.
"""

from __future__ import annotations

from services.http.app.message import problem
from services.http.reference.h1.errors import BadMessage
from services.http.reference.http1_answering import Answering
from services.http.reference.http1_life import DRAIN, HEAD, LINGER
from services.http.reference.plans import Plans
from services.http.reference.site import Site


class Http1(Answering):
    """The protocol object of one connection."""

    def __init__(self, site: Site, plans: Plans) -> None:
        super().__init__(site, plans)
        self._known = plans.known

    # -- reading ---------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Answers a well-known head at once; anything else goes the long way."""
        self.connection.bytes_in += len(data)
        plan = self._known.get(data) if self._quiet else None
        if plan is not None and plan.simple is not None:
            self._simple(plan, plan.simple)
            self.flush()
            if not self.blocked:
                self.deadline = self.site.now + self.site.settings.idle_within
        elif plan is not None and plan.last is not None:
            self._last(plan, plan.last)
        else:
            self._receive(data)

    def _receive(self, data: bytes) -> None:
        if self._state == LINGER:
            self._discard(len(data))
            return
        self._quiet = False
        self.reader.feed(data)
        if self._exchange is not None:
            self._exchange.wake()
            self._hold_back()
        else:
            self._advance()

    def eof_received(self) -> bool:
        """The client sends no more; what it asked for is still answered."""
        self.ended = True
        self._emit("end", self.connection)
        if self._state == LINGER:
            self.transport.close()
        elif self._exchange is not None:
            self._exchange.wake()
        else:
            self._advance()
        return True

    # -- one request after another ---------------------------------------------------------------

    def _advance(self) -> None:
        """Goes as far as the bytes at hand carry."""
        try:
            while self._step():
                pass
        except BadMessage as bad:
            self.refuse(bad)
        self.flush()
        if self._state == HEAD:
            self._rest()

    def _step(self) -> bool:
        """One step: a request begun, or the rest of one read away. False when there is none to take."""
        if self.blocked:
            return False
        if self._state == DRAIN:
            return self._drain()
        if self._state != HEAD:
            return False
        raw = self.reader.head()
        if raw is not None:
            self._begin(self._plans.read(raw))
        return raw is not None

    def _rest(self) -> None:
        """Between requests, or in the middle of a head."""
        if self.blocked:
            self._hold_back()
        elif self.ended and self.reader.pending:
            self.refuse(BadMessage(400, "the head is not whole", "RFC 9112 8"))
        elif self.ended or (self.site.stopping and not self.reader.pending):
            self.close()
        elif self.reader.pending:
            self._await_head()
        else:
            self._quiet = True
            self.connection.state = "idle"
            self.deadline = self.site.now + self.site.settings.idle_within

    def _await_head(self) -> None:
        """The time for a head runs from its first byte, however many more come one by one."""
        if self._head_deadline is None:
            self.connection.state = "head"
            self._head_deadline = self.site.now + self.site.settings.head_within
        self.deadline = self._head_deadline

    def _drain(self) -> bool:
        """Reads the rest of an answered request away (RFC 9112 9.3)."""
        while piece := self.reader.piece():
            self._discarded += len(piece)
        if self.reader.done:
            self._state, self._discarded = HEAD, 0
            return True
        if self.ended or self._discarded > self.site.settings.drain:
            self.close()
        return False

    # -- what the connection tells ----------------------------------------------------------------

    def unblocked(self) -> None:
        """The client has taken everything: on with what waited for that."""
        if self._exchange is not None:
            self._exchange.wake()
        elif self._state in (HEAD, DRAIN):
            self._resume_reading()
            self._advance()
        elif self._state == LINGER:
            self.deadline = self.site.now + self.site.settings.linger_within

    def refuse(self, bad: BadMessage) -> None:
        """Answers what is no message, and closes: nothing behind it is read as a request."""
        data = {"status": bad.status, "error": bad.words, "clause": bad.clause}
        self._emit("clientError", self.connection, None, data)
        if self._exchange is None or not self._exchange.broken():
            self.last_words(problem(bad.status, f"{bad.words} ({bad.clause})"))
        self.close()
