"""Connections that stop being HTTP: an echo, by Upgrade and by CONNECT (RFC 9110 7.8, 9.3.6)."""

from __future__ import annotations

from services.http.app.abilities import Tunnel
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.message import Fields, Request
from services.http.app.routing import EVERYWHERE, Route

PROTOCOL = "wireyard-echo"
TARGET = "echo.wireyard.test:7"
"""The one target that an origin of the yard tunnels to: itself. Other targets are the proxy's work."""


def upgrade_required(request: Request, protocol: str, words: str = "", fields: Fields = ()) -> Refused:
    """426, which has to say to what; HTTP/2 has no Upgrade field, so it is 501 there (RFC 9113 8.2.2).

    501 is also what RFC 9220 3 has for a `:protocol` that is not known.
    """
    if request.version == "2":
        return Refused(501, f"this needs :protocol to be {words or protocol}", fields)
    named = ((b"upgrade", protocol.encode()), (b"connection", b"upgrade"))
    return Refused(426, f"this needs an upgrade to {words or protocol}", (*named, *fields))


async def upgrade(exchange: Exchange) -> None:
    """`/upgrade`: 101, then every byte comes back; 426 without the right Upgrade (RFC 9110 15.5.22)."""
    tunnel = exchange.ability(Tunnel)
    if PROTOCOL not in tunnel.offers:
        raise upgrade_required(exchange.request, PROTOCOL)
    await tunnel.open(PROTOCOL)
    await _echo(exchange)


async def connect(exchange: Exchange) -> None:
    """`CONNECT echo.wireyard.test:7`: 200, then every byte comes back; 403 for any other target."""
    if exchange.request.authority != TARGET:
        raise Refused(403, f"this origin tunnels to {TARGET} alone; the proxy is another role")
    await exchange.ability(Tunnel).open(None)
    await _echo(exchange)


async def _echo(exchange: Exchange) -> None:
    while data := await exchange.receive():
        await exchange.send(data)
    await exchange.finish()


ROUTES = (Route(("GET",), "/upgrade", upgrade, f"Upgrade to {PROTOCOL}", "upgrade", statuses=(), media=()),)

TUNNELS = (Route(("CONNECT",), EVERYWHERE, connect, f"A tunnel to {TARGET}", "connect"),)
