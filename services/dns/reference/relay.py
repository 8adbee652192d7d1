"""Between the listeners and the upstreams: starts each question and hands its answer back when it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from services.dns.reference.errors import ForwardError, MessageError
from services.dns.reference.exchange import Request
from services.dns.reference.forward import give_back
from services.dns.reference.reply import limit
from services.dns.reference.rrtypes import Rcode
from services.dns.reference.upstream import Forwarder

Refuse = Callable[[Request, MessageError], bytes]


class Relay:
    """Calls as a function: `relay(request, give)` asks, and later gives the octets to send.

    Args:
        forwarder: asks the upstreams.
        refuse: writes the answer that an error earns.
    """

    def __init__(self, forwarder: Forwarder, refuse: Refuse) -> None:
        self._forwarder = forwarder
        self._refuse = refuse
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, request: Request, give: Callable[[bytes], None]) -> None:
        """Ask about a request; `give` gets an answer in any case, unless the service stops first."""
        task = asyncio.ensure_future(self._ask(request, give))
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Give up what is open."""
        self._forwarder.close()
        for task in self._tasks:
            task.cancel()

    async def _ask(self, request: Request, give: Callable[[bytes], None]) -> None:
        try:
            believed, age = await self._forwarder.resolve(request)
            give(give_back(request, believed, age, limit(request)))
        except MessageError as error:
            give(self._refuse(request, error))
        except ForwardError as error:
            give(self._refuse(request, MessageError(Rcode.SERVFAIL, str(error))))
