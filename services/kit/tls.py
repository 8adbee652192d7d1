"""A TLS listener: accepts, shakes hands, and gives each connection that got through to its protocol."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from services.kit.handover import Handover
from services.kit.journal import Journal
from services.kit.sockets import BACKLOG
from services.kit.tls_alerts import Failure
from services.kit.tls_context import ServerContext
from services.kit.tls_handshake import Handshake
from services.kit.tls_options import Options

__all__ = ["Factory", "Listener", "Options", "listen"]

Factory = Callable[[], asyncio.Protocol]
DEFAULTS = Options()


async def listen(
    sock: socket.socket,
    factory: Factory,
    context: ServerContext,
    journal: Journal,
    options: Options = DEFAULTS,
) -> Listener:
    """Serve TLS on a bound socket, in the running loop, until the Listener is closed.

    The transport's `get_extra_info("connection")` is the journal's Connection, already opened there; the
    protocol closes it when the connection is lost.
    """
    listener = Listener(factory, context, journal, options)
    loop = asyncio.get_running_loop()
    listener.server = await loop.create_server(listener.protocol, sock=sock, backlog=BACKLOG)
    return listener


class Listener:
    """One listening socket and the handshakes that are under way on it."""

    def __init__(self, factory: Factory, context: ServerContext, journal: Journal, options: Options) -> None:
        self.factory, self.context, self.journal = factory, context, journal
        self.options = options
        self._loop = asyncio.get_running_loop()
        self.open = 0
        self.server: asyncio.Server
        self._shaking: dict[Handshake, float] = {}
        """Handshake -> the moment it is cut; all have the same time, so the oldest stands first."""
        self._sweep: asyncio.TimerHandle | None = None

    def protocol(self) -> asyncio.Protocol:
        """What TCP tells of a new connection."""
        line = Handover()
        line.heir = Handshake(self, line)
        return line

    def close(self) -> None:
        """Accept nothing more and cut the handshakes under way; open connections go on."""
        self.server.close()
        if self._sweep:
            self._sweep.cancel()
        for handshake in list(self._shaking):
            handshake.cut(Failure("STOPPING", "the service is stopping"))

    def begun(self, handshake: Handshake) -> bool:
        """Whether there is room for one more handshake; its time runs from here."""
        if self.open + len(self._shaking) >= self.options.most:
            return False
        self._shaking[handshake] = self._loop.time() + self.options.handshake_within
        if self._sweep is None:
            self._sweep = self._loop.call_later(self.options.handshake_within, self._cut_late)
        return True

    def ended(self, handshake: Handshake) -> None:
        """The handshake is over, well or not."""
        self._shaking.pop(handshake, None)

    def opened(self) -> Callable[[], None]:
        """One open connection more; gives what tells that it is gone."""
        self.open += 1
        return self._closed

    def _closed(self) -> None:
        self.open -= 1

    def _cut_late(self) -> None:
        self._sweep = None
        while self._shaking:
            handshake, due = next(iter(self._shaking.items()))
            if due > self._loop.time():
                self._sweep = self._loop.call_at(due, self._cut_late)
                return
            handshake.cut(Failure("TIMEOUT", f"no handshake within {self.options.handshake_within:g} s"))
