"""The TCP echo service: its listeners, its limit on connections, its routes on the control port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.kit.crowd import Crowd
from services.kit.dropped import Dropped
from services.kit.journal import Journal, endpoint
from services.kit.sockets import BACKLOG, listen_tcp, listen_unix
from services.tcp_echo.reference.echo import Echo
from services.tcp_echo.reference.settings import EchoSettings


class EchoService:
    """RFC 862 over TCP, on every address told, and on a Unix socket if one is told."""

    def __init__(self, settings: EchoSettings, journal: Journal) -> None:
        self._settings, self._journal = settings, journal
        self._crowd: Crowd[Echo] = Crowd(settings.idle_timeout)
        self._servers: list[asyncio.AbstractServer] = []

    def control_routes(self) -> Sequence[BaseRoute]:
        """POST /connections/{id}/pause, /resume and /reset."""
        return [Route("/connections/{id:int}/{verb}", self._command, methods=["POST"])]

    async def start(self) -> None:
        """Binds all, then serves all. Raises BindError."""
        bound = listen_tcp(self._settings.address, self._settings.port)
        if self._settings.loopback_port is not None:
            bound += listen_tcp(("127.0.0.1",), self._settings.loopback_port)
        if self._settings.unix is not None:
            bound.append(listen_unix(self._settings.unix))
        for sock in bound:
            await self._serve(sock)

    async def stop(self, within: float) -> None:
        """Closes the listeners, flushes every echo, and resets what will not take its own in time."""
        for server in self._servers:
            server.close()
        for echo in self._crowd:
            echo.transport.close()
        if not await self._crowd.gone(within):
            for echo in self._crowd:
                echo.reset()
        self._crowd.close()

    async def _serve(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        name = sock.getsockname()
        if sock.family == socket.AF_UNIX:
            server: asyncio.AbstractServer = await loop.create_unix_server(
                self._admit, sock=sock, backlog=BACKLOG
            )
        else:
            server = await loop.create_server(self._admit, sock=sock, backlog=BACKLOG)
        self._servers.append(server)
        self._journal.emit(
            "listening", data={"address": endpoint(name if isinstance(name, tuple) else (name,))}
        )

    def _admit(self) -> asyncio.Protocol:
        if len(self._crowd) >= self._settings.max_connections:
            return Dropped(self._journal, self._settings.max_connections)
        return Echo(self._settings, self._journal, self._crowd)

    async def _command(self, request: Request) -> Response:
        number, verb = request.path_params["id"], request.path_params["verb"]
        echo = next((e for e in self._crowd if e.connection.id == number), None)
        if echo is None or verb not in {"pause", "resume", "reset"}:
            return JSONResponse(
                {"error": f"no connection {number}, or nothing called {verb!r}"}, status_code=404
            )
        if verb == "reset":
            echo.reset()
        else:
            echo.hold(verb == "pause")
        return Response(status_code=204)
