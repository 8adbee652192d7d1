"""The ASGI application: routes requests, echoes WebSocket messages, answers the lifespan."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from services.http.app.errors import ClientGone
from services.http.app.exchange import Server
from services.http.app.message import Response
from services.http.app.routes import ROUTER
from services.http.app.routing import answer
from services.http.asgi.exchange import AsgiExchange
from services.http.asgi.scope import Receive, Scope, Send, request_of
from services.http.asgi.websocket import echo
from services.kit.journal import Connection


class Application:
    """The routes of `server` for an ASGI server to call; its journal gets `request`, `finish`, `aborted`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one scope to its end."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await echo(request_of(scope), receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = AsgiExchange(self._server, scope, receive, send, next(self._numbers))
        request, connection = exchange.request, exchange.connection
        self._note("request", connection, {"method": request.method, "target": request.target})
        try:
            await self._answer(exchange)
            await exchange.drain()
        except ClientGone:
            self._note("aborted", connection)
        else:
            self._note("finish" if exchange.finished else "aborted", connection)
        finally:
            exchange.close()

    async def _answer(self, exchange: AsgiExchange) -> None:
        found = ROUTER.match(exchange.request.method, exchange.request.path)
        if isinstance(found, Response):
            await exchange.respond(found)
        else:
            exchange.parameters = found.parameters
            await answer(found, exchange)

    def _note(self, event: str, connection: Connection, data: Mapping[str, object] | None = None) -> None:
        self._server.journal.emit(event, connection, None, data)


async def _lifespan(receive: Receive, send: Send) -> None:
    """The application holds nothing open, so both phases are complete at once."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
