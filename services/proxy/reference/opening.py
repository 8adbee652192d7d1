"""An HTTP/1.1 client whose CONNECT is being granted: its target is resolved, judged and dialled.

What the client sends meanwhile is kept, up to `buffer` bytes; its FIN is a half-close, not a farewell. In the
end the transport is a side of a tunnel, or who asks is told the reason why not.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Protocol

from services.kit.journal import Connection
from services.proxy.reference import answers
from services.proxy.reference.errors import Refusal
from services.proxy.reference.server import Ask, Server
from services.proxy.reference.tunnel import ClientSide, Side


class Asker(Protocol):
    """The connection of a client, as long as it asks for something."""

    server: Server
    transport: asyncio.Transport
    connection: Connection
    opening: Opening | None
    side: ClientSide | None

    def denied(self, refusal: Refusal, early: bytes, *, ended: bool) -> None:
        """There is no tunnel; `early` came behind the request, and `ended` says that nothing more comes."""
        ...


class Opening:
    """From a well-formed CONNECT to the tunnel or the refusal; who asks passes on what the client does."""

    def __init__(self, asker: Asker, ask: Ask, credentials: list[bytes], early: bytes, ended: bool) -> None:
        self._asker, self._server, self._transport = asker, asker.server, asker.transport
        self._early, self._ended = early, ended
        self._task = asker.server.loop.create_task(self._open(ask, credentials))

    def keep(self, data: bytes) -> None:
        """What comes too early for the tunnel."""
        self._early += data
        if len(self._early) > self._server.settings.buffer:
            self._transport.pause_reading()

    def end(self) -> None:
        """The client sends no more; it still waits for its tunnel."""
        self._ended = True

    def abandon(self) -> None:
        """The client has gone before a tunnel stood."""
        self._task.cancel()

    async def _open(self, ask: Ask, credentials: list[bytes]) -> None:
        try:
            side = await self._server.open(ask, credentials)
        except Refusal as refusal:
            self._asker.denied(refusal, self._early, ended=self._ended)
            return
        if self._transport.is_closing():
            self._server.abandon(ask, side)
        else:
            self._tunnel(ask, side)

    def _tunnel(self, ask: Ask, target: Side) -> None:
        server, connection = self._server, ask.connection
        answer = answers.opened(server.settings.name, target.address, int(server.now()))
        # What came early was counted when it came, and is counted again as it passes.
        connection.bytes_in -= len(self._early)
        connection.bytes_out += len(answer)
        self._transport.write(answer)
        client = ClientSide(server.settings.buffer)
        client.adopt(self._transport)
        client.ended = self._ended
        self._asker.opening, self._asker.side = None, client
        connection.state = "tunnel"
        connection.facts["target"] = target.address
        server.join(ask, client, target, partial(server.journal.close, connection)).start(self._early)
