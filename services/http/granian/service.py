"""Granian as a service of the yard: its embeddable server, in the kit's loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server as Granian
from starlette.routing import BaseRoute

from services.http.app.exchange import Server
from services.http.asgi.application import Application
from services.http.asgi.settings import HttpSettings, certificate
from services.kit.errors import BindError
from services.kit.journal import Journal

# `auto` tells HTTP/1.1 from HTTP/2 by the first bytes; with TLS it offers no ALPN.
MODES = {"http1": HTTPModes.http1, "https": HTTPModes.http1, "h2c": HTTPModes.auto, "h2": HTTPModes.http2}


class GranianService:
    """One HTTP role on Granian, which binds one address: the first that it is told, or both families."""

    def __init__(self, settings: HttpSettings, journal: Journal) -> None:
        self._settings = settings
        server = Server(settings.role, settings.authority, "granian", journal)
        self._app = Application(server)
        self._granian: Granian
        self._task: asyncio.Task[None] | None = None

    def control_routes(self) -> Sequence[BaseRoute]:
        """None of its own."""
        return ()

    async def start(self) -> None:
        """Binds and serves. Raises KitError."""
        self._granian = _configured(self._app, self._settings)
        self._require_free()
        self._task = asyncio.create_task(self._granian.serve())

    async def stop(self, within: float) -> None:
        """Lets Granian finish; the bound is kept here."""
        if self._task is None:
            return
        finish: Callable[[], None] = self._granian.stop
        finish()
        await asyncio.wait([self._task], timeout=within)
        self._task.cancel()
        await asyncio.wait([self._task])

    def _require_free(self) -> None:
        """Granian tells of a taken port in its log alone; it is asked for here first."""
        address, port = _address(self._settings), self._settings.port
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                raise BindError(address, port, error.strerror or str(error)) from error


def _configured(app: Application, settings: HttpSettings) -> Granian:
    chain, key = certificate(settings) or (None, None)
    return Granian(
        app,
        address=_address(settings),
        port=settings.port,
        interface=Interfaces.ASGI,
        http=MODES[settings.role],
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        backlog=4096,
        log_level=LogLevels.warning,
        ssl_cert=chain,
        ssl_key=key,
        ssl_protocol_min=SSLProtocols.tls12,
    )


def _address(settings: HttpSettings) -> str:
    """`::` takes IPv4 as well, where there is IPv6."""
    first = settings.address[0]
    if first != "*":
        return first
    return "::" if socket.has_dualstack_ipv6() else "0.0.0.0"
