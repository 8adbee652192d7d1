"""The UDP echo service: its sockets, its groups, and what it reports on the control port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from services.kit.errors import KitError
from services.kit.journal import Journal, endpoint
from services.kit.sockets import bind_udp
from services.udp_echo.reference.drain import Drain
from services.udp_echo.reference.peers import Peers
from services.udp_echo.reference.reflection import refused_ports
from services.udp_echo.reference.settings import EchoSettings
from services.udp_echo.reference.sockets import join, report, tune


class EchoService:
    """RFC 862 over UDP, on every address and in every group told."""

    def __init__(self, settings: EchoSettings, journal: Journal) -> None:
        self._settings, self._journal = settings, journal
        self._peers = Peers(journal, settings.peers)
        self._drains: list[Drain] = []

    def control_routes(self) -> Sequence[BaseRoute]:
        """GET /sockets: local address, buffer sizes, datagrams that the kernel had no room for."""
        return [Route("/sockets", self._sockets, methods=["GET"])]

    async def start(self) -> None:
        """Binds all, joins all, then answers. Raises BindError and SettingsError."""
        settings = self._settings
        unicast = bind_udp(settings.address, settings.port)
        port = unicast[0].getsockname()[1]
        try:
            for sock in unicast:
                tune(sock, settings.receive_buffer, settings.send_buffer)
            groups = [join(group, unicast, port) for group in settings.groups]
        except KitError:
            for sock in unicast:
                sock.close()
            raise
        refused = refused_ports({port})
        self._drains = [Drain(sock, sock, refused, settings.longest) for sock in unicast]
        for inlet in filter(None, groups):
            outlet = next(sock for sock in unicast if sock.family == inlet.family).dup()
            self._drains.append(Drain(inlet, outlet, refused, settings.longest))
        for drain in self._drains:
            drain.start(asyncio.get_running_loop(), self._journal, self._peers)
            self._journal.emit("listening", data={"address": endpoint(drain.inlet.getsockname())})

    async def stop(self, within: float) -> None:  # noqa: ARG002 - answering what has come takes no waiting
        """Answers what has come, and closes."""
        for drain in self._drains:
            drain.stop()
        for drain in self._drains:
            drain.close()

    async def _sockets(self, _request: Request) -> JSONResponse:
        return JSONResponse([_describe(drain.inlet) for drain in self._drains])


def _describe(sock: socket.socket) -> dict[str, object]:
    family = "IPv6" if sock.family == socket.AF_INET6 else "IPv4"
    return {"local": endpoint(sock.getsockname()), "family": family, **report(sock)}
