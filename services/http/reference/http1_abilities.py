"""What HTTP/1.1 alone can do: the raw wire, and a connection that becomes a tunnel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.http.app.abilities import Tunnel, Wire
from services.http.app.message import Fields
from services.http.reference.h1 import response as wire

if TYPE_CHECKING:
    from services.http.reference.http1_exchange import Http1Exchange


class Http1Wire(Wire):
    """The bytes of one exchange, taken out of the engine's hands with the first of them."""

    def __init__(self, exchange: Http1Exchange) -> None:
        self._exchange = exchange
        self._taken = False

    def _take(self) -> None:
        if not self._taken:
            self._taken = True
            self._exchange.take_over()

    async def write(self, data: bytes) -> None:
        """As Wire.write."""
        self._take()
        await self._exchange.send(data)

    def fin(self) -> None:
        """As Wire.fin; what the client still sends is read away (RFC 9112 9.6)."""
        self._take()
        self._exchange.end_silently()

    def reset(self) -> None:
        """As Wire.reset."""
        self._take()
        self._exchange.abort()

    async def stall(self, seconds: float) -> None:
        """As Wire.stall."""
        self._take()
        self._exchange.http.hold()
        await asyncio.sleep(seconds)
        self._exchange.http.read_on()


class Http1Tunnel(Tunnel):
    """The connection, after a 101 (RFC 9110 15.2.2) or the 200 to a CONNECT (RFC 9110 9.3.6)."""

    def __init__(self, exchange: Http1Exchange) -> None:
        self._exchange = exchange

    @property
    def offers(self) -> tuple[str, ...]:
        """As Tunnel.offers."""
        return self._exchange.plan.head.upgrade

    async def open(self, protocol: str | None, fields: Fields = ()) -> None:
        """As Tunnel.open. The request's content is read to its end first: it is HTTP still."""
        exchange = self._exchange
        while exchange.plan.head.content and await exchange.receive():
            pass
        if protocol is None:
            head = exchange.http.opening(200) + wire.field_lines(fields) + b"\r\n"
        else:
            upgrade = ((b"upgrade", protocol.encode("ascii")), (b"connection", b"upgrade"))
            head = wire.status_line(101) + wire.field_lines((*upgrade, *fields)) + b"\r\n"
        exchange.take_over(head, "upgrade" if protocol else None)
        exchange.open_tunnel()
