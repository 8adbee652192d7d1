"""The sending half of an HTTP/1.1 connection: whole responses in their order, and who is told of their end.

Writing is immediate: with a high-water mark of zero the transport hands bytes to the kernel at once, or
says that it could not. Unless it did, the last byte is with the kernel, and that is what `finish` says.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping

from services.http.app.message import Response
from services.http.reference.h1 import response as wire
from services.http.reference.h1.outgoing import CLOSE
from services.http.reference.site import Site
from services.kit.journal import Connection

NEVER = float("inf")
ENOUGH = 64 * 1024
"""Bytes of answers to pipelined requests that are gathered into one write."""

_ENDING, _BROKEN = ("finish", "close"), ("aborted", "close")
_WHOLE = ("request", *_ENDING)
_LAST = "h1 last"
"""The key of Response.encoded for an answer that ends its connection."""


class Output(asyncio.Protocol):
    """What http1.py adds the receiving half to."""

    connection: Connection
    transport: asyncio.Transport

    def __init__(self, site: Site) -> None:
        self.site = site
        self.deadline = NEVER
        self.blocked = False
        self._emit = site.journal.emit
        self._out: list[bytes] = []
        self._gathered = 0
        self._series = site.journal.emit_series
        self._unfinished: list[tuple[int, Mapping[str, object] | None]] = []
        """The answers gathered, or not yet with the kernel; with what `request` has yet to say, if it has."""

    # -- responses -------------------------------------------------------------------------------

    def answer(self, response: Response, number: int, facts: Mapping[str, object]) -> None:
        """Gathers a whole response to request `number`, which was `facts`, on a connection that goes on."""
        rest = response.encoded.get(self.site.encoding) or self.encoded(response)
        opening = self.site.openings.get(response.status) or self.opening(response.status)
        self._out.append(opening + rest)
        self._unfinished.append((number, facts))
        self._gathered += len(rest)
        if self._gathered > ENOUGH:
            self.flush()

    def answer_last(self, response: Response, number: int, facts: Mapping[str, object]) -> None:
        """As `answer`, on a connection that ends with it."""
        rest = response.encoded.get(_LAST) or self._encode(response, _LAST, CLOSE)
        self._out.append(self.opening(response.status) + rest)
        self._unfinished.append((number, facts))

    def encoded(self, response: Response) -> bytes:
        """All of a response behind its opening, on a connection that goes on; kept for the next time."""
        key = self.site.encoding
        return response.encoded.get(key) or self._encode(response, key, self.kept)

    def _encode(self, response: Response, key: str, connection: bytes) -> bytes:
        lines = wire.field_lines(wire.with_length(response))
        rest = response.encoded[key] = b"%b%b\r\n%b" % (lines, connection, response.body)
        return rest

    def opening(self, status: int) -> bytes:
        """The status line and the Date field, good for this second."""
        opening = self.site.openings.get(status)
        if opening is None:
            opening = b"%bdate: %b\r\n" % (wire.status_line(status), self.site.date)
            self.site.openings[status] = opening
        return opening

    @property
    def kept(self) -> bytes:
        """The fields that tell a client how long its connection is kept."""
        return self.site.kept

    def last_words(self, response: Response) -> None:
        """A whole response on a connection that ends with it."""
        self.flush()
        lines = wire.field_lines(wire.with_length(response))
        self.write(b"%b%b%b\r\n%b" % (self.opening(response.status), lines, CLOSE, response.body))

    # -- bytes -----------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Bytes for the client, behind whatever is waiting."""
        self.connection.bytes_out += len(data)
        self.transport.write(data)

    def flush(self) -> None:
        """Writes what was gathered."""
        out = self._out
        if out:
            self.write(out[0] if len(out) == 1 else b"".join(out))
            out.clear()
            self._gathered = 0
            if self.blocked:
                self._announce()
            else:
                self._finished()

    def _announce(self) -> None:
        """The requests are heard, and their answers have yet to leave."""
        for number, facts in self._unfinished:
            if facts is not None:
                self._emit("request", self.connection, number, facts)
        self._unfinished = [(number, None) for number, _ in self._unfinished]

    def _finished(self) -> None:
        series, connection = self._series, self.connection
        for number, facts in self._unfinished:
            series(_WHOLE if facts is not None else _ENDING, connection, number, facts)
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
        self.unblocked()

    @abstractmethod
    def unblocked(self) -> None:
        """The connection can go on."""

    def lose_output(self) -> None:
        """The connection broke before these answers had left."""
        self._announce()
        for number, _ in self._unfinished:
            self._series(_BROKEN, self.connection, number, None)
        self._unfinished.clear()
