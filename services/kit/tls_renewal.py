"""Keeps a running service's TLS fresh: renewed certificates are read, ticket keys are changed.

Certificates are looked at every `certs_check` seconds, on SIGHUP and on POST /tls/certificates of the control
port; connections that stand go on with what they began with. Ticket keys change every `ticket_keys` seconds,
so that a key that leaks opens no older session (RFC 9325 3.4, RFC 5077 5.5).
"""

from __future__ import annotations

import asyncio
import signal
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.kit import openssl
from services.kit.journal import Journal
from services.kit.settings import Settings
from services.kit.tls_context import ServerContext

SHORTEST = 1.0
"""Seconds between two looks, however short the times that are set."""
SETTLES = 5.0
"""Seconds from one that found something to the next: a certificate's staple comes a moment after it."""


class Kept(Protocol):
    """One context, or many."""

    def renew(self) -> list[str]:
        """Reads again what has changed; the names of it. Raises OSError and ValueError, old files in use."""
        ...

    def rotate_ticket_keys(self) -> None:
        """Accepts no ticket any more that was handed out so far."""
        ...


class One:
    """The one context of a service."""

    def __init__(self, context: ServerContext) -> None:
        self._context = context

    def renew(self) -> list[str]:
        """See Kept."""
        if not self._context.changed():
            return []
        self._context.read()
        return [str(self._context.files[0].name)]

    def rotate_ticket_keys(self) -> None:
        """See Kept."""
        openssl.rotate_ticket_keys(self._context)


class Renewal:
    """Looks after what is kept, from `start` to `close`."""

    def __init__(self, kept: Kept, journal: Journal, settings: Settings) -> None:
        self._kept, self._journal = kept, journal
        self._check = settings.certs_check
        self._ticket_keys = 0.0 if openssl.unavailable() else settings.ticket_keys
        self._rotated = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._listens = self._settling = False

    def start(self, *, on_hangup: bool = True) -> None:
        """Begins to look, in the running loop."""
        loop = asyncio.get_running_loop()
        self._rotated = loop.time()
        self._listens = on_hangup
        if on_hangup:
            loop.add_signal_handler(signal.SIGHUP, self.look)
        self._arm(loop)

    def close(self) -> None:
        """Looks no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._listens:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
            self._listens = False

    def routes(self) -> list[BaseRoute]:
        """For the control port."""
        return [Route("/tls/certificates", self._asked, methods=["POST"])]

    def look(self) -> str:
        """Reads what has changed; why it cannot be read, or nothing. What cannot be read is tried again."""
        try:
            names = self._kept.renew()
        except (OSError, ValueError) as error:
            self._journal.emit("error", None, None, {"message": f"certificates not renewed: {error}"})
            return str(error)
        self._settling = bool(names)
        if names:
            self._journal.emit("certificates", None, None, {"renewed": names})
            if self._timer is not None:
                self._arm(asyncio.get_running_loop())
        return ""

    def tick(self, now: float) -> None:
        """One turn of the clock; `now` in seconds, as the loop tells it."""
        if self._check:
            self.look()
        if self._ticket_keys and now - self._rotated >= self._ticket_keys:
            self._rotated = now
            self._kept.rotate_ticket_keys()
            self._journal.emit("ticketKeys")

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        times = [time for time in (self._check, self._ticket_keys) if time]
        if self._settling and self._check:
            times.append(SETTLES)
        if times:
            self._timer = loop.call_later(max(min(times), SHORTEST), self._turn, loop)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self.tick(loop.time())
        self._arm(loop)

    async def _asked(self, _request: Request) -> Response:
        """204 when all is current, 409 when the files that are there are no pair."""
        why = self.look()
        return JSONResponse({"error": why}, status_code=409) if why else Response(status_code=204)
