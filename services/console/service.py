"""The console as a service of the yard: the page on Hypercorn, the journals followed beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.routing import BaseRoute

from lab import topology
from lab.errors import LabError
from lab.topology import View
from services.console.actions import Yard
from services.console.app import Console
from services.console.catalogue import CATALOGUE
from services.console.health import Health
from services.console.hub import Hub
from services.console.journals import Journals
from services.console.settings import ConsoleSettings
from services.kit.errors import SettingsError
from services.kit.journal import Journal, endpoint
from services.kit.sockets import listen_tcp


class ConsoleService:
    """Reads the topology once, follows every journal, serves the page."""

    def __init__(self, settings: ConsoleSettings, journal: Journal) -> None:
        self._settings, self._journal = settings, journal
        self._hub = Hub()
        self._tasks: list[asyncio.Task[None]] = []

    def control_routes(self) -> Sequence[BaseRoute]:
        """None of its own."""
        return ()

    async def start(self) -> None:
        """Binds, serves, follows. Raises KitError."""
        settings = self._settings
        try:
            view, yard = View(settings.view), topology.load()
        except (LabError, ValueError) as error:
            raise SettingsError("WIREYARD_VIEW", str(error)) from error
        journals = Journals(yard, view, self._hub)
        health = Health(yard, view, self._hub, str(settings.ca))
        console = Console(settings, Yard(yard, view, str(settings.ca)), self._hub, journals, CATALOGUE)
        sockets = listen_tcp(settings.address, settings.port)
        self._journal.emit("listening", data={"address": endpoint(sockets[0].getsockname())})
        config = Config()
        config.bind = [f"fd://{sock.detach()}" for sock in sockets]
        config.loglevel = "WARNING"
        config.graceful_timeout = 1.0
        app = cast("ASGIFramework", console.app)
        serving = serve(app, config, shutdown_trigger=self._hub.closing.wait)
        doings = (serving, journals.follow(), health.watch())
        self._tasks = [asyncio.create_task(doing) for doing in doings]

    async def stop(self, within: float) -> None:
        """Ends every reader, then the port; the journals have no end, so nobody waits for them."""
        self._hub.close()
        await asyncio.wait(self._tasks[:1], timeout=within)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
