"""What every connection to the proxy shares: who may ask, what may be dialled, which tunnels stand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Protocol

from services.kit.crowd import Crowd, Member
from services.kit.journal import Connection, Journal
from services.proxy.reference.auth import Users
from services.proxy.reference.dial import Dialler
from services.proxy.reference.errors import Refusal
from services.proxy.reference.limits import Limits
from services.proxy.reference.settings import ProxySettings
from services.proxy.reference.target import Target
from services.proxy.reference.tunnel import ClientSide, Side, TargetSide, Tunnel


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for what: the target, the client's connection and, in HTTP/2, its stream."""

    target: Target
    connection: Connection
    stream: int | None = None

    @property
    def client(self) -> str:
        """The address that limits count."""
        return str(self.connection.peer[0]) if self.connection.peer else "unix"


class Client(Protocol):
    """A connection that may ask for tunnels."""

    def close(self) -> None:
        """The service stops: ask for nothing more, finish what is open."""
        ...


class Waiting(Client, Member, Protocol):
    """A client whose request is waited for, against a time-out."""


class Server:
    """Opens tunnels for any kind of client connection, and tells the journal about each."""

    def __init__(self, settings: ProxySettings, journal: Journal, dialler: Dialler, users: Users) -> None:
        self.settings, self.journal = settings, journal
        self.sessions: set[Client] = set()
        """HTTP/2 connections."""
        self.waiting: Crowd[Waiting] = Crowd(settings.head_timeout)
        """HTTP/1.1 connections whose next head is not here, or not whole."""
        self.tunnels: Crowd[Tunnel] = Crowd(settings.idle_timeout)
        self._dialler, self._users = dialler, users
        self._limits = Limits(settings.tunnels, settings.per_client)

    @cached_property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that all of it runs in: asking for it anew is a system call in some Pythons."""
        return asyncio.get_running_loop()

    async def open(self, ask: Ask, credentials: Sequence[bytes]) -> Side:
        """A dialled side for what is asked, to be given to `join` or `abandon`. Raises Refusal."""
        self.journal.emit("connect", ask.connection, ask.stream, _asked(ask.target.text))
        self._users.check(credentials)
        self._limits.take(ask.client)
        side: Side | None = None
        try:
            addresses = await self._dialler.permitted(ask.target)
            side = await self._dialler.dial(addresses, ask.target.port, self._side)
            return side
        finally:
            if side is None:
                self._limits.give(ask.client)

    def join(self, ask: Ask, client: ClientSide, target: Side, over: Callable[[], None]) -> Tunnel:
        """A tunnel out of both sides, to be started; `over` is called when it has ended."""
        tunnel = Tunnel(client, target, ask.connection, partial(self._ended, ask, over))
        if self.settings.lifetime:
            tunnel.timer = self.loop.call_later(self.settings.lifetime, tunnel.abort, "lifetime")
        self.tunnels.add(tunnel)
        self.journal.emit("tunnel", ask.connection, ask.stream, _led(ask.target.text, target.address))
        return tunnel

    def abandon(self, ask: Ask, target: Side) -> None:
        """The client went away before its tunnel stood."""
        target.transport.abort()
        self._limits.give(ask.client)

    def refused(self, connection: Connection, stream: int | None, refusal: Refusal) -> None:
        """Tells the journal why there is no tunnel, or why a request makes no sense."""
        data = {"status": refusal.status, "error": str(refusal.cause), "reason": refusal.reason}
        self.journal.emit("refused", connection, stream, data)

    def now(self) -> float:
        """Seconds since the epoch, for Date."""
        return time.time()

    def _side(self) -> Side:
        return TargetSide(self.settings.buffer)

    def _ended(self, ask: Ask, over: Callable[[], None], tunnel: Tunnel) -> None:
        if tunnel.timer is not None:
            tunnel.timer.cancel()
        self.tunnels.discard(tunnel)
        self._limits.give(ask.client)
        data = {
            "sent": tunnel.client.carried,
            "received": tunnel.target.carried,
            "reason": tunnel.reason,
        }
        self.journal.emit("tunnelEnd", ask.connection, ask.stream, data)
        over()


# What the journal is told of a tunnel is the same for all that lead to one place: made once, and kept once.


@lru_cache(1024)
def _asked(target: str) -> Mapping[str, object]:
    return {"target": target}


@lru_cache(1024)
def _led(target: str, address: str) -> Mapping[str, object]:
    return {"target": target, "address": address}
