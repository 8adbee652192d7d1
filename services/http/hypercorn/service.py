"""Hypercorn as a service of the yard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.routing import BaseRoute

from services.http.app.exchange import Server
from services.http.asgi.application import Application
from services.http.asgi.settings import HttpSettings, certificate
from services.kit.journal import Journal
from services.kit.sockets import listen_tcp

# ALPN (RFC 7301) of each TLS role: one protocol a role, so that a client cannot slip into the other.
ALPN = {"https": ["http/1.1"], "h2": ["h2"]}


class HypercornService:
    """One HTTP role on Hypercorn, in the kit's loop."""

    def __init__(self, settings: HttpSettings, journal: Journal) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        server = Server(settings.role, settings.authority, "hypercorn", journal)
        self._app = cast("ASGIFramework", Application(server))
        self._task: asyncio.Task[None] | None = None

    def control_routes(self) -> Sequence[BaseRoute]:
        """None of its own."""
        return ()

    async def start(self) -> None:
        """Binds, then hands the sockets to Hypercorn. Raises KitError."""
        config = configuration(self._settings)
        sockets = listen_tcp(self._settings.address, self._settings.port)
        config.bind = [f"fd://{sock.detach()}" for sock in sockets]
        running = serve(self._app, config, shutdown_trigger=self._stopping.wait)
        self._task = asyncio.create_task(running)

    async def stop(self, within: float) -> None:
        """Lets Hypercorn finish; it waits for idle connections without end, so the bound is kept here."""
        if self._task is None:
            return
        self._stopping.set()
        await asyncio.wait([self._task], timeout=within)
        self._task.cancel()
        await asyncio.wait([self._task])


def configuration(settings: HttpSettings) -> Config:
    """Hypercorn's configuration for a role. Raises SettingsError when a TLS role has no certificate."""
    config = Config()
    config.loglevel = "WARNING"
    config.h11_pass_raw_headers = True
    config.keep_alive_max_requests = 10_000_000
    config.graceful_timeout = settings.stop_within / 2
    files = certificate(settings)
    if files is not None:
        config.certfile, config.keyfile = map(str, files)
        config.alpn_protocols = ALPN[settings.role]
    return config
