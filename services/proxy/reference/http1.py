"""The loop side of one HTTP/1.1 connection to the proxy, as long as it asks.

head      bytes go to the head reader, against a time-out
opening   bytes are kept (opening.py), until there is a tunnel or a refusal
tunnel    everything goes to the tunnel's side; to give the transport another protocol instead would have the
          loop watch the socket anew, which costs two system calls and more
parting   an error was answered; the client's last bytes are read away, so that no RST overtakes the answer
"""

from __future__ import annotations

import asyncio
from typing import cast

from services.kit.journal import Connection
from services.kit.names import ends
from services.proxy.reference import answers
from services.proxy.reference.errors import Malformed, Refusal
from services.proxy.reference.head import Head, HeadReader
from services.proxy.reference.opening import Opening
from services.proxy.reference.requests import Page, understand
from services.proxy.reference.server import Ask, Server
from services.proxy.reference.target import Target
from services.proxy.reference.tunnel import ClientSide

PARTING = 2.0
"""Seconds that a client has to close after an error."""


class Http1(asyncio.Protocol):
    """One client connection."""

    transport: asyncio.Transport
    connection: Connection

    def __init__(self, server: Server) -> None:
        self.server = server
        self._reader = HeadReader()
        self._timer: asyncio.TimerHandle | None = None
        self.opening: Opening | None = None
        self.side: ClientSide | None = None
        self._keeps_alive = True
        self._begun = self._ended = self._parting = False

    # -- what the transport tells -----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Waits for a head."""
        self.transport = cast("asyncio.Transport", transport)
        known = transport.get_extra_info("connection")
        self.connection = known or self.server.journal.open(*ends(transport))
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """A piece of a head, or of what follows it."""
        if self.side is not None:
            self.side.data_received(data)
            return
        self.connection.bytes_in += len(data)
        if self.opening is not None:
            self.opening.keep(data)
        elif not self._parting:
            self._begun = True
            self._read(data)

    def eof_received(self) -> bool:
        """The client asks for nothing more; half a head is told so (RFC 9112 8)."""
        if self.side is not None:
            return self.side.eof_received()
        self._ended = True
        if self.opening is not None:
            self.opening.end()
            return True
        self.server.journal.emit("end", self.connection)
        if self._reader.pending and not self._parting:
            self._refuse(Malformed("the head is not whole"), close=True)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        if self.side is not None:
            self.side.connection_lost(exc)
            return
        self._stop_waiting()
        if self.opening is not None:
            self.opening.abandon()
        if exc is not None:
            self.server.journal.emit("error", self.connection, None, {"message": str(exc)})
        self.server.journal.close(self.connection)

    def pause_writing(self) -> None:
        """The client takes no more of what its target says; answers are too short for that."""
        if self.side is not None:
            self.side.pause_writing()

    def resume_writing(self) -> None:
        """The client takes more again."""
        if self.side is not None:
            self.side.resume_writing()

    def close(self) -> None:
        """The service stops: a client that asks for nothing is let go."""
        self.transport.close()

    # -- requests ---------------------------------------------------------------------------------

    def _await_head(self) -> None:
        self._begun = False
        self.server.waiting.add(self)

    def moved(self) -> int:
        """Octets of a head are no reason to wait any longer for its end."""
        return 0

    def quiet(self) -> None:
        """The time for a head is over."""
        self._stop_waiting()
        self.server.journal.emit("timeout", self.connection)
        if self._begun:
            self._refuse(Malformed("no whole head came in time", 408), close=True)
        else:
            self.transport.close()

    def _read(self, data: bytes) -> None:
        try:
            while (head := self._reader.feed(data)) is not None and self._serve(head):
                data = b""
        except Refusal as refusal:
            self._refuse(refusal, close=True)

    def _serve(self, head: Head) -> bool:
        """Answers `head`; whether another one may follow on the connection now. Raises Refusal."""
        self._stop_waiting()
        self._keeps_alive = head.keeps_alive
        try:
            wanted = understand(head)
        except Refusal as refusal:
            return self._refuse(refusal, close=isinstance(refusal, Malformed) or not self._keeps_alive)
        if isinstance(wanted, Target):
            ask = Ask(wanted, self.connection)
            credentials = head.values(b"proxy-authorization")
            self.opening = Opening(self, ask, credentials, self._reader.rest(), self._ended)
            return False
        return self._page(wanted, head)

    def _page(self, page: Page, head: Head) -> bool:
        self.server.journal.emit("request", self.connection, None, {"method": head.method})
        answer, close = answers.page(200, page.text, page.fields), not self._keeps_alive
        self._send(answers.http1(answer, self.server.now(), close=close, body=head.method != "HEAD"))
        return self._go_on(close=close)

    def denied(self, refusal: Refusal, early: bytes, *, ended: bool) -> None:
        """No tunnel came of a CONNECT: the connection is ours again; `early` begins the next head."""
        self.opening, self._ended = None, ended
        if self._refuse(refusal, close=not self._keeps_alive):
            self.transport.resume_reading()
            self._read(early)
        if ended and self.opening is None:
            self.transport.close()  # all that it asked is answered

    # -- answers ----------------------------------------------------------------------------------

    def _refuse(self, refusal: Refusal, *, close: bool) -> bool:
        self.server.refused(self.connection, None, refusal)
        answer = answers.refused(self.server.settings.name, refusal)
        self._send(answers.http1(answer, self.server.now(), close=close))
        return self._go_on(close=close)

    def _go_on(self, *, close: bool) -> bool:
        if close:
            self._part()
        else:
            self._await_head()
        return not close

    def _send(self, data: bytes) -> None:
        self.connection.bytes_out += len(data)
        self.transport.write(data)

    def _part(self) -> None:
        self._parting = True
        self._stop_waiting()
        self.transport.resume_reading()
        if self._ended:
            self.transport.close()
        else:
            self.transport.write_eof()
            self._timer = self.server.loop.call_later(PARTING, self.transport.abort)

    def _stop_waiting(self) -> None:
        self.server.waiting.discard(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
