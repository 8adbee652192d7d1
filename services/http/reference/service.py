"""The four HTTP roles (and the vault) as one service: listeners, and the protocol for each connection."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

from starlette.routing import BaseRoute

from services.http.reference.http1 import Http1
from services.http.reference.plans import Plans
from services.http.reference.settings import HttpSettings
from services.http.reference.site import Site
from services.kit.journal import Journal
from services.kit.sockets import listen_tcp


class HttpService:
    """As services.kit.serve.Service."""

    def __init__(self, settings: HttpSettings, journal: Journal) -> None:
        self._settings, self._journal = settings, journal
        self._servers: list[asyncio.Server] = []
        self._site: Site

    def control_routes(self) -> Sequence[BaseRoute]:
        """None beyond the kit's."""
        return ()

    async def start(self) -> None:
        """Binds, then serves."""
        settings, loop = self._settings, asyncio.get_running_loop()
        sockets = listen_tcp(settings.address, settings.port)
        self._site = site = Site(settings, self._journal, f"{settings.role}.wireyard.test")
        plans = Plans(site.router, site.scheme, site.limits)
        for sock in sockets:
            self._servers.append(await loop.create_server(lambda: Http1(site, plans), sock=sock))
            self._journal.emit("listening", None, None, {"address": sock.getsockname()[:2]})
        gc.freeze()

    async def stop(self, within: float) -> None:
        """Accepts nothing more and ends what is open."""
        for server in self._servers:
            server.close()
        await self._site.stop(within)
