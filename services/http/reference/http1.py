"""One HTTP/1.1 connection on an asyncio transport (RFC 9112 9).

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
from typing import cast

from services.http.app.message import problem
from services.http.app.routing import Immediate
from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.framing import NONE
from services.http.reference.h1.reader import Reader
from services.http.reference.http1_exchange import Http1Exchange
from services.http.reference.http1_output import NEVER, Output
from services.http.reference.plans import Plan, Plans
from services.http.reference.site import Site

HEAD, BUSY, DRAIN, TUNNEL, LINGER, CLOSED = "head", "busy", "drain", "tunnel", "linger", "closed"
HIGH, LOW = 64 * 1024, 16 * 1024
"""Unread bytes at which the client is made to wait, and at which it may go on."""
_RESET = struct.pack("ii", 1, 0)


class Http1(Output):
    """The protocol object of one connection. `ended` tells that the client sends no more."""

    def __init__(self, site: Site, plans: Plans) -> None:
        super().__init__(site)
        self.reader = Reader(site.limits)
        self.ended = False
        self._state = HEAD
        self._quiet = True
        """Nothing under way and nothing unread: a known head can be answered at once."""
        self._plans, self._known = plans, plans.known
        self._number = self._discarded = 0
        self._head_deadline: float | None = None
        self._exchange: Http1Exchange | None = None

    # -- life ------------------------------------------------------------------------------------

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

    # -- reading ---------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Answers a well-known head at once; anything else goes the long way."""
        self.connection.bytes_in += len(data)
        plan = self._known.get(data) if self._quiet else None
        if plan is None or plan.simple is None:
            self._receive(data)
            return
        self._simple(plan, plan.simple)
        self.flush()
        if not self.blocked:
            self.deadline = self.site.now + self.site.settings.idle_within

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

    def _hold_back(self) -> None:
        if self.reader.pending > HIGH:
            self.transport.pause_reading()

    def read_on(self) -> None:
        """A piece was taken: lets the client go on when little is left."""
        if self.reader.pending <= LOW:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if not self.transport.is_reading() and not self.transport.is_closing():
            self.transport.resume_reading()

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

    # -- answering -------------------------------------------------------------------------------

    def _begin(self, plan: Plan) -> None:
        self._head_deadline = None
        if "h2c" in plan.head.upgrade and plan.head.content == NONE and self._become_http2(plan):
            return
        limit = self.site.settings.requests
        goes_on = not self.site.stopping and (limit == 0 or self._number + 1 < limit)
        if plan.simple is not None and goes_on:
            self._simple(plan, plan.simple)
        else:
            self._begin_exchange(plan, goes_on=goes_on)

    def _simple(self, plan: Plan, immediate: Immediate) -> None:
        """Answers from the head alone: no task, no exchange."""
        self._number = number = self._number + 1
        response = self.site.run(immediate, plan.request, self.connection, number)
        self.answer(response, number, plan.facts)

    def _become_http2(self, plan: Plan) -> bool:
        """`Upgrade: h2c` (RFC 7540 3.2): the connection goes on without us, if the role has it."""
        if self.site.h2c is None:
            return False
        self.flush()
        session = self.site.h2c(self.transport, self.connection, plan.request)
        if session is None:
            return False
        self._leave(CLOSED)
        self.site.leave(self)
        rest = self.reader.rest()
        if rest:
            session.data_received(rest)
        return True

    def _begin_exchange(self, plan: Plan, *, goes_on: bool) -> None:
        self.flush()
        self.reader.expect(plan.head.content)
        self._number += 1
        self._state, self.connection.state = BUSY, "busy"
        self.deadline = NEVER
        self._exchange = Http1Exchange(self, plan, self._number, persistent=goes_on and plan.head.persistent)
        self._exchange.begin()

    def completed(self, *, persistent: bool) -> None:
        """The exchange under way has ended, and its response is with the kernel."""
        self._exchange = None
        if self._state in (CLOSED, LINGER):
            return
        self._resume_reading()
        if persistent:
            self._state = HEAD if self.reader.done else DRAIN
            self.deadline = self.site.now + self.site.settings.body_within
            self._advance()
        else:
            self._drop_next()
            self.close()

    def _drop_next(self) -> None:
        """503 to the request that is here already when the connection has had its last."""
        limit = self.site.settings.requests
        if self._number < limit or not limit or not self.reader.done:
            return
        try:
            raw = self.reader.head()
            plan = self._plans.read(raw) if raw is not None else None
        except BadMessage:
            return
        if plan is not None:
            self._emit("dropRequest", self.connection, None, plan.facts)
            self.last_words(problem(503, f"this connection has had its {limit} requests"))

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

    # -- ending ----------------------------------------------------------------------------------

    def tunnel(self) -> None:
        """From here on there are no messages, only bytes."""
        self._state = self.connection.state = TUNNEL

    def close(self) -> None:
        """FIN behind what was written, then waits for the client's."""
        if self._state in (LINGER, CLOSED):
            return
        self.flush()
        self._leave(LINGER)
        self.connection.state, self._discarded = "closing", 0
        settings = self.site.settings
        self.deadline = self.site.now + (settings.write_within if self.blocked else settings.linger_within)
        if self.ended:
            self.transport.close()
        else:
            self._resume_reading()
            self.transport.write_eof()

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

    def kill(self) -> None:
        """The service has stopped."""
        self.transport.abort()
