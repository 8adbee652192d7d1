"""The life of a service: settings, bind, serve, finish what is in flight, exit.

Exit codes: 0 stopped when asked; 1 an address could not be had, or the service failed; 2 a setting is wrong.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, cast

import uvloop
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.routing import BaseRoute

from services.kit.control import Control
from services.kit.errors import KitError, SettingsError
from services.kit.journal import Journal, SilentJournal
from services.kit.settings import Settings, load
from services.kit.sockets import listen_tcp

S = TypeVar("S", bound=Settings)


class Service(Protocol):
    """What a role gives the kit."""

    def control_routes(self) -> Sequence[BaseRoute]:
        """Routes of its own for the control port."""
        ...

    async def start(self) -> None:
        """Binds every socket, then serves; returns once connections are accepted. Raises KitError."""
        ...

    async def stop(self, within: float) -> None:
        """Accepts nothing more, finishes what is in flight for at most `within` seconds, closes the rest."""
        ...


def main(kind: type[S], build: Callable[[S, Journal], Service]) -> int:
    """Runs one service until SIGTERM or SIGINT; gives the exit code."""
    try:
        settings = load(kind, os.environ)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_live(settings, build))
    except KitError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, SettingsError) else 1
    return 0


async def _live(settings: S, build: Callable[[S, Journal], Service]) -> None:
    journal = Journal(settings.role) if settings.journal else SilentJournal(settings.role)
    service = build(settings, journal)
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await service.start()
    async with asyncio.TaskGroup() as group:
        closing = _control(group, settings, journal, service.control_routes())
        await asked.wait()
        await service.stop(settings.stop_within)
        closing()


def _control(
    group: asyncio.TaskGroup, settings: Settings, journal: Journal, routes: Sequence[BaseRoute]
) -> Callable[[], None]:
    """Opens the control port, if there is to be one; gives what closes it."""
    if settings.control_port is None:
        return lambda: None
    control, closed = Control(journal, routes), asyncio.Event()
    config = Config()
    config.bind = [f"fd://{s.detach()}" for s in listen_tcp(settings.address, settings.control_port)]
    config.graceful_timeout = 0.5
    config.loglevel = "WARNING"
    app = cast("ASGIFramework", control.app)
    group.create_task(hypercorn_serve(app, config, shutdown_trigger=closed.wait))

    def close() -> None:
        control.stop()
        closed.set()

    return close
