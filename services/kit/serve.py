"""The life of a service: settings, bind, serve, finish what is in flight, exit.

Exit status: 0 stopped when asked; 1 an address could not be had, or the service failed; 78 (sysexits.h,
EX_CONFIG) a setting is wrong, so that starting again would change nothing.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import uvloop
from starlette.routing import BaseRoute

from services.kit import heap
from services.kit.control import Control
from services.kit.control_port import ControlPort
from services.kit.errors import KitError, SettingsError
from services.kit.journal import Journal, SilentJournal
from services.kit.settings import Settings, load
from services.kit.tls_keylog import KEYLOG

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
    heap.keep()
    try:
        settings = load(kind, os.environ)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_live(settings, build))
    except KitError as error:
        sys.stderr.write(f"{error}\n")
        return os.EX_CONFIG if isinstance(error, SettingsError) else 1
    return 0


async def _live(settings: S, build: Callable[[S, Journal], Service]) -> None:
    journal = Journal(settings.role) if settings.journal else SilentJournal(settings.role)
    service = build(settings, journal)
    asked = _asked_to_stop()
    port = None if settings.control_port is None else ControlPort(settings.address, settings.control_port)
    await service.start()
    _settle()
    if port is None:
        await asked.wait()
        await service.stop(settings.stop_within)
        return
    async with asyncio.TaskGroup() as group:
        group.create_task(port.run(Control(journal, [*KEYLOG.routes(), *service.control_routes()])))
        await asked.wait()
        await service.stop(settings.stop_within)
        port.close()
        KEYLOG.stop()


def _settle() -> None:
    """Leaves what lives as long as the process to itself, and looks for cycles ten times less often.

    A service makes few: what a connection leaves behind is found soon enough, and looking costs a twentieth.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _asked_to_stop() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked
