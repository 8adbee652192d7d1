"""A service of a few lines, for the tests of the life cycle: says `ready`, stops as slowly as it is told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.routing import BaseRoute

from services.kit.journal import Journal
from services.kit.serve import main
from services.kit.settings import Settings
from services.kit.sockets import listen_tcp


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSettings(Settings):
    """`busy`: seconds that something in flight would still take."""

    busy: float = 0.0


class Sample:
    """Listens, and answers nothing."""

    def __init__(self, settings: SampleSettings, journal: Journal) -> None:
        self._settings, self._journal = settings, journal

    def control_routes(self) -> Sequence[BaseRoute]:
        return ()

    async def start(self) -> None:
        self._sockets = listen_tcp(self._settings.address, self._settings.port)
        print("ready", self._sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the test waits for it

    async def stop(self, within: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(within, self._settings.busy)):
                await asyncio.get_running_loop().create_future()
        print("stopped", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(SampleSettings, Sample))
