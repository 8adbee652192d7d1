"""The sending half of an HTTP/1.1 connection: whole responses in their order, and who is told of their end.

Writing is immediate: with a high-water mark of zero the transport hands bytes to the kernel at once, or
says that it could not. Unless it did, the last byte is with the kernel, and that is what `finish` says.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence

from services.http.app.message import Response
from services.http.reference.h1 import response as wire
from services.http.reference.h1.outgoing import CLOSE
from services.http.reference.site import Site
from services.kit.journal import Connection
from services.kit.tls_transport import TLSTransport

NEVER = float("inf")
ENOUGH = 64 * 1024
"""Bytes of answers to pipelined requests that are gathered into one write."""
BULKY = 16 * 1024
"""Bytes of content that are not worth copying behind their head: the kernel takes both as they are."""

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
        self._out += self.encoded(response)
        self._unfinished.append((number, facts))
        self._gathered += len(response.body)
        if self._gathered > ENOUGH:
            self.flush()

    def answer_last(self, response: Response, number: int, facts: Mapping[str, object]) -> None:
        """As `answer`, on a connection that ends with it."""
        self._out += self._whole(response, _LAST, CLOSE)
        self._unfinished.append((number, facts))

    def encoded(self, response: Response) -> tuple[bytes, ...]:
        """A whole response on a connection that goes on; content that is bulky is a piece of its own."""
        return self._whole(response, self.site.encoding, self.site.kept)

    def _whole(self, response: Response, key: str, connection: bytes) -> tuple[bytes, ...]:
        rest = response.encoded.get(key) or self._encode(response, key, connection)
        opening = self.site.openings.get(response.status) or self.opening(response.status)
        if len(response.body) < BULKY:
            return (opening + rest,)
        return opening + rest, response.body

    def _encode(self, response: Response, key: str, connection: bytes) -> bytes:
        """What stands behind the opening, kept for the next time; content that is bulky not among it."""
        body = response.body if len(response.body) < BULKY else b""
        lines = wire.field_lines(wire.with_length(response))
        rest = response.encoded[key] = b"%b%b\r\n%b" % (lines, connection, body)
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

    def write_all(self, pieces: Sequence[bytes]) -> None:
        """Several pieces, as few writes as are worth it: what is bulky is not copied behind the others."""
        if len(pieces) == 1:
            self.connection.bytes_out += len(pieces[0])
            self.transport.write(pieces[0])
        elif max(map(len, pieces)) < BULKY:
            self.write(b"".join(pieces))
        else:
            self.connection.bytes_out += sum(map(len, pieces))
            self.transport.writelines(pieces)

    def part(self) -> None:
        """`flush`, and the end of our side right behind it: TLS sends both in one piece."""
        transport = self.transport
        if len(self._out) == 1 and isinstance(transport, TLSTransport):
            last = self._out.pop()
            self.connection.bytes_out += len(last)
            transport.write_last(last)
            self._handed_over()
        else:
            self.flush()
            transport.write_eof()

    def flush(self) -> None:
        """Writes what was gathered."""
        if self._out:
            self.write_all(self._out)
            self._out.clear()
            self._handed_over()

    def _handed_over(self) -> None:
        """The answers gathered are with the transport, and with the kernel unless it says otherwise."""
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
