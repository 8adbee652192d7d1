"""Where the control app is served: Hypercorn, in the service's own loop, on a socket bound beforehand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework

from services.kit.control import Control
from services.kit.sockets import listen_tcp

GRACE = 0.5
"""Seconds that an answer under way may still take when the service stops."""


class ControlPort:
    """One control port. Bound when made, so that a taken port is known before the service begins."""

    def __init__(self, addresses: Sequence[str], port: int) -> None:
        """Raises BindError."""
        self._sockets = listen_tcp(addresses, port)
        self._closed = asyncio.Event()
        self._control: Control | None = None

    @property
    def port(self) -> int:
        """The port's number, also when the kernel chose it."""
        number: int = self._sockets[0].getsockname()[1]
        return number

    async def run(self, control: Control) -> None:
        """Serves `control` until `close`."""
        self._control = control
        config = Config()
        config.bind = [f"fd://{sock.detach()}" for sock in self._sockets]
        config.graceful_timeout = GRACE
        config.loglevel = "WARNING"
        await serve(cast("ASGIFramework", control.app), config, shutdown_trigger=self._closed.wait)

    def close(self) -> None:
        """Ends every stream of events, and the port."""
        if self._control is not None:
            self._control.stop()
        self._closed.set()
