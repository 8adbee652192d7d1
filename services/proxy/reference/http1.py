"""The loop side of one HTTP/1.1 connection to the proxy, until it becomes a side of a tunnel.

head      bytes go to the head reader, against a time-out
opening   a task resolves and dials; what the client sends meanwhile is kept, up to `buffer` bytes
tunnel    the transport has a new protocol, and this object is done
parting   an error was answered; the client's last bytes are read away, so that no RST overtakes the answer
"""

from __future__ import annotations

import asyncio
from typing import cast

from services.kit.journal import Connection, endpoint
from services.kit.names import ends
from services.proxy.reference import answers
from services.proxy.reference.errors import Malformed, Refusal
from services.proxy.reference.head import Head, HeadReader
from services.proxy.reference.requests import Page, understand
from services.proxy.reference.server import Ask, Server
from services.proxy.reference.target import Target
from services.proxy.reference.tunnel import ClientSide, Side

PARTING = 2.0
"""Seconds that a client has to close after an error."""


class Http1(asyncio.Protocol):
    """One client connection."""

    transport: asyncio.Transport
    connection: Connection

    def __init__(self, server: Server) -> None:
        self._server = server
        self._reader = HeadReader()
        self._opening: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._early = bytearray()
        self._ended = self._parting = self._begun = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Waits for a head."""
        self.transport = cast("asyncio.Transport", transport)
        known = transport.get_extra_info("connection")
        self.connection = known or self._server.journal.open(*ends(transport))
        self._server.clients.add(self)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """A piece of a head, or what comes too early for the tunnel."""
        self.connection.bytes_in += len(data)
        if self._opening is not None:
            self._keep(data)
        elif not self._parting:
            self._begun = True
            self._read(data)

    def eof_received(self) -> bool:
        """The client sends no more; it may still wait for its tunnel."""
        self._ended = True
        return self._opening is not None

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone before a tunnel stood."""
        self._leave()
        if self._opening is not None:
            self._opening.cancel()
        if exc is not None:
            self._server.journal.emit("error", self.connection, None, {"message": str(exc)})
        self._server.journal.close(self.connection)

    def close(self) -> None:
        """The service stops: a client that asks for nothing is let go."""
        if self._opening is None:
            self.transport.close()

    # -- requests ---------------------------------------------------------------------------------

    def _await_head(self) -> None:
        self._begun = False
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._server.settings.head_timeout, self._late)

    def _late(self) -> None:
        self._server.journal.emit("timeout", self.connection)
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
        self._stop_timer()
        try:
            wanted = understand(head)
        except Refusal as refusal:
            return self._refuse(refusal, close=isinstance(refusal, Malformed) or not head.keeps_alive)
        if isinstance(wanted, Target):
            self._keep(self._reader.rest())
            self._opening = asyncio.get_running_loop().create_task(self._open(wanted, head))
            return False
        return self._page(wanted, head)

    def _page(self, page: Page, head: Head) -> bool:
        self._server.journal.emit("request", self.connection, None, {"method": head.method})
        close = not head.keeps_alive
        answer, now = answers.page(200, page.text, page.fields), self._server.now()
        self._send(answers.http1(answer, now, close=close, body=head.method != "HEAD"))
        return self._go_on(close=close)

    # -- tunnels ----------------------------------------------------------------------------------

    async def _open(self, target: Target, head: Head) -> None:
        ask = Ask(target, self.connection)
        try:
            side = await self._server.open(ask, head.values(b"proxy-authorization"))
        except Refusal as refusal:
            self._opening = None
            if self._refuse(refusal, close=not head.keeps_alive):
                self._read(self._take_early())
            return
        if self.transport.is_closing():
            self._server.abandon(ask, side)
        else:
            self._tunnel(ask, side)

    def _tunnel(self, ask: Ask, target: Side) -> None:
        hop = endpoint(target.transport.get_extra_info("peername"))
        answer = answers.established(self._server.settings.name, hop)
        self._send(answers.http1(answer, self._server.now()))
        self._leave()
        client = ClientSide(self._server.settings.buffer)
        client.adopt(self.transport)
        self.transport.set_protocol(client)
        self.connection.state = "tunnel"
        self.connection.facts["target"] = hop
        tunnel = self._server.join(ask, client, target, self._over)
        early = self._take_early()
        # They were counted when they came, and are counted again as they pass.
        self.connection.bytes_in -= len(early)
        tunnel.start(early)
        if self._ended:
            client.eof_received()

    def _over(self) -> None:
        self._server.journal.close(self.connection)

    def _keep(self, data: bytes) -> None:
        self._early += data
        if len(self._early) > self._server.settings.buffer:
            self.transport.pause_reading()

    def _take_early(self) -> bytes:
        early = bytes(self._early)
        self._early.clear()
        return early

    # -- answers ----------------------------------------------------------------------------------

    def _refuse(self, refusal: Refusal, *, close: bool) -> bool:
        self._server.refused(self.connection, None, refusal)
        answer = answers.refused(self._server.settings.name, refusal)
        self._send(answers.http1(answer, self._server.now(), close=close))
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
        self._stop_timer()
        self.transport.resume_reading()
        if self._ended:
            self.transport.close()
        else:
            self.transport.write_eof()
            self._timer = asyncio.get_running_loop().call_later(PARTING, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave(self) -> None:
        self._stop_timer()
        self._server.clients.discard(self)
