"""One HTTP/1.1 connection on an asyncio transport (RFC 9112 9).

HEAD     waiting for a request, or in the middle of its head
BUSY     an exchange is under way; what comes behind its request waits, and then so does the client
DRAIN    answered before all of the request had come: the rest is read away
LINGER   FIN sent; what still comes is thrown away until the client closes too (RFC 9112 9.6)
TUNNEL   after a 101, or the 200 to a CONNECT: bytes, no messages
CLOSED
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import cast

from services.http.app.message import Response, problem
from services.http.app.routing import Immediate
from services.http.reference.h1 import response as wire
from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.reader import Reader
from services.http.reference.http1_exchange import Http1Exchange
from services.http.reference.plans import Plan, Plans, run
from services.http.reference.site import Site
from services.kit.journal import Connection

HEAD, BUSY, DRAIN, LINGER, TUNNEL, CLOSED = "head", "busy", "drain", "linger", "tunnel", "closed"
HIGH, LOW = 64 * 1024, 16 * 1024
"""Unread bytes at which the client is made to wait, and at which it may go on."""
NEVER = float("inf")
_RESET = struct.pack("ii", 1, 0)


class Http1(asyncio.Protocol):
    """The protocol object of one connection."""

    connection: Connection
    transport: asyncio.Transport

    def __init__(self, site: Site, plans: Plans) -> None:
        self.site = site
        self.deadline = NEVER
        self.reader = Reader(site.limits)
        self.blocked = False
        self.ended = False
        self.discarded = 0
        self._state = HEAD
        self._quiet = True
        self._plans = plans
        self._known = plans.known
        self._emit = site.journal.emit
        self._number = 0
        self._out: list[bytes] = []
        self._unfinished: list[int] = []
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
        if len(self.site.connections) >= self.site.settings.connections:
            self._emit("dropConnection", self.connection)
            self._quiet, self._state = False, CLOSED
            self.transport.abort()
        else:
            self.site.join(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, whoever brought it about."""
        self._quiet, self._state, self.deadline = False, CLOSED, NEVER
        self.site.leave(self)
        if exc is not None:
            self._emit("error", self.connection, None, {"error": str(exc)})
        if self._exchange is not None:
            self._exchange.lost()
            self._exchange = None
        for number in self._unfinished:
            self._emit("aborted", self.connection, number)
            self._emit("close", self.connection, number)
        self._unfinished.clear()
        self.site.journal.close(self.connection)

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

    # -- reading ---------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Answers a well-known head at once; anything else goes the long way."""
        self.connection.bytes_in += len(data)
        plan = self._known.get(data) if self._quiet else None
        if plan is None or plan.simple is None:
            self._receive(data)
            return
        self._simple(plan, plan.simple)
        self._flush()
        self.deadline = self.site.now + self.site.settings.idle_within

    def _receive(self, data: bytes) -> None:
        if self._state == LINGER:
            self.discarded += len(data)
            if self.discarded > self.site.settings.drain:
                self.transport.abort()
            return
        self._quiet = False
        self.reader.feed(data)
        if self._state in (BUSY, TUNNEL) and self._exchange is not None:
            self._exchange.wake()
            if self.reader.pending > HIGH:
                self.transport.pause_reading()
        else:
            self._advance()

    def _advance(self) -> None:
        """Goes as far as the bytes at hand carry."""
        try:
            while self._step():
                pass
        except BadMessage as bad:
            self.refuse(bad)
        self._flush()
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
        settings = self.site.settings
        if self.blocked:
            if self.reader.pending > HIGH:
                self.transport.pause_reading()
        elif self.ended:
            self._end_of_requests()
        elif self.reader.pending == 0:
            self._quiet = not self.site.stopping
            self.deadline = self.site.now + settings.idle_within
            self.connection.state = "idle"
            if self.site.stopping:
                self.close()
        elif self.connection.state != "head":
            self.connection.state = "head"
            self.deadline = self.site.now + settings.head_within

    def _end_of_requests(self) -> None:
        if self.reader.pending:
            self.refuse(BadMessage(400, "the head is not whole", "RFC 9112 8"))
        else:
            self.close()

    def _drain(self) -> bool:
        """Reads the rest of an answered request away (RFC 9112 9.3)."""
        while piece := self.reader.piece():
            self.discarded += len(piece)
        if self.reader.done:
            self._state, self.discarded = HEAD, 0
            return True
        if self.ended or self.discarded > self.site.settings.drain:
            self.close()
        return False

    # -- answering -------------------------------------------------------------------------------

    def _begin(self, plan: Plan) -> None:
        self.connection.state = "busy"
        if self._number >= self.site.settings.requests > 0:
            self._drop(plan)
            return
        if plan.simple is not None and self._goes_on():
            self._simple(plan, plan.simple)
            return
        self._flush()
        self.reader.expect(plan.head.content)
        self._number += 1
        self._state = BUSY
        self.deadline = NEVER
        self._exchange = Http1Exchange(self, plan, self._number, self._goes_on() and plan.head.persistent)
        self._exchange.begin()

    def _goes_on(self) -> bool:
        """Whether a request after the one that begins now will be heard."""
        limit = self.site.settings.requests
        return not self.site.stopping and (limit == 0 or self._number + 1 < limit)

    def _drop(self, plan: Plan) -> None:
        """One request too many on this connection."""
        self._emit("dropRequest", self.connection, None, plan.facts)
        self._last_words(problem(503, "this connection has had all its requests"))

    def _simple(self, plan: Plan, immediate: Immediate) -> None:
        """Answers from the head alone: no task, no exchange."""
        self._number = number = self._number + 1
        self._emit("request", self.connection, number, plan.facts)
        response = run(immediate, plan.request)
        rest = response.encoded.get("h1") or self._encode(response)
        opening = self.site.openings.get(response.status) or self.opening(response.status)
        self._out.append(opening + rest)
        self._unfinished.append(number)
        if len(rest) > HIGH:
            self._flush()

    def _encode(self, response: Response) -> bytes:
        rest = b"".join(
            (
                wire.field_lines(response.fields),
                b"content-length: %d\r\n" % len(response.body),
                self.persistence(True),
                b"\r\n",
                response.body,
            )
        )
        response.encoded["h1"] = rest
        return rest

    def opening(self, status: int) -> bytes:
        """The status line and the Date field."""
        opening = b"%bdate: %b\r\n" % (wire.status_line(status), self.site.date)
        self.site.openings[status] = opening
        return opening

    def persistence(self, persistent: bool) -> bytes:
        """The Connection field, and how long an idle connection is kept."""
        if not persistent:
            return b"connection: close\r\n"
        return b"connection: keep-alive\r\nkeep-alive: timeout=%d\r\n" % self.site.settings.idle_within

    def refuse(self, bad: BadMessage) -> None:
        """Answers what is no message, and closes: nothing behind it is read as a request."""
        data = {"status": bad.status, "error": bad.words, "clause": bad.clause}
        self._emit("clientError", self.connection, None, data)
        if self._exchange is not None and self._exchange.broken():
            self.close()
            return
        self._last_words(problem(bad.status, f"{bad.words} ({bad.clause})"))

    def _last_words(self, response: Response) -> None:
        self._flush()
        self.write(
            b"".join(
                (
                    self.opening(response.status),
                    wire.field_lines(response.fields),
                    b"content-length: %d\r\nconnection: close\r\n\r\n" % len(response.body),
                    response.body,
                )
            )
        )
        self.close()

    # -- writing ---------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Bytes for the client, behind whatever is waiting."""
        self.connection.bytes_out += len(data)
        self.transport.write(data)

    def _flush(self) -> None:
        out = self._out
        if out:
            self.write(out[0] if len(out) == 1 else b"".join(out))
            out.clear()
            if not self.blocked:
                self._finished()

    def _finished(self) -> None:
        for number in self._unfinished:
            self._emit("finish", self.connection, number)
            self._emit("close", self.connection, number)
        self._unfinished.clear()

    def pause_writing(self) -> None:
        """The kernel takes no more: the client reads too slowly."""
        self.blocked = True
        self.deadline = self.site.now + self.site.settings.write_within

    def resume_writing(self) -> None:
        """Everything written is with the kernel."""
        self.blocked = False
        self.deadline = NEVER
        self._emit("drain", self.connection)
        self._finished()
        if self._exchange is not None:
            self._exchange.wake()
        else:
            self._resume_reading()
            self._advance()

    def read_on(self) -> None:
        """A piece of content was taken: lets the client go on when little is left."""
        if self.reader.pending <= LOW:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if not self.transport.is_reading() and not self.transport.is_closing():
            self.transport.resume_reading()

    # -- ending ----------------------------------------------------------------------------------

    def completed(self, persistent: bool) -> None:
        """The exchange under way has ended, and its response is with the kernel."""
        self._exchange = None
        if self._state == CLOSED:
            return
        self._resume_reading()
        if persistent and not self.site.stopping:
            self._state = HEAD if self.reader.done else DRAIN
            self.deadline = self.site.now + self.site.settings.body_within
            self._advance()
        else:
            self.close()

    def tunnel(self) -> None:
        """From here on there are no messages, only bytes."""
        self._state, self.connection.state = TUNNEL, "tunnel"

    def close(self) -> None:
        """FIN behind what was written, then waits for the client's."""
        if self._state in (LINGER, CLOSED):
            return
        self._quiet, self._state = False, LINGER
        self.connection.state = "closing"
        settings = self.site.settings
        self.deadline = self.site.now + (settings.write_within if self.blocked else settings.linger_within)
        if self.ended:
            self.transport.close()
        else:
            self._resume_reading()
            self.transport.write_eof()

    def reset(self) -> None:
        """Ends the connection with RST."""
        self._quiet, self._state = False, CLOSED
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    # -- the site's side -------------------------------------------------------------------------

    def expired(self) -> None:
        """The client took too long."""
        self.deadline = NEVER
        state = self.connection.state
        self._emit("timeout", self.connection, None, {"state": "writing" if self.blocked else state})
        if self.blocked or self._state in (LINGER, DRAIN):
            self.transport.abort()
        elif self._state == HEAD and not self.reader.pending:
            self.close()
        else:
            what = "head" if self._state == HEAD else "content"
            self.refuse(BadMessage(408, f"the {what} took too long", "RFC 9110 15.5.9"))

    def retire(self) -> None:
        """The service stops."""
        self._quiet = False
        if self._state == HEAD and not self.reader.pending:
            self.close()

    def kill(self) -> None:
        """The service has stopped."""
        self.transport.abort()
