"""The life of an HTTP/2 session: greeted, settled, timed, ended in order (RFC 9113 3.4, 6.5.3, 6.8)."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Iterable
from typing import cast

from services.http.reference.h2 import Connection, ErrorCode, Limits
from services.http.reference.h2.headers import RequestHead
from services.http.reference.http2_events import SESSION
from services.http.reference.site import Site
from services.kit.journal import Connection as Line
from services.kit.names import ends


class Life(asyncio.Protocol):
    """What http2_link.py adds reading and writing to; what happens in the session is for `_dispatch`."""

    connection: Line
    transport: asyncio.Transport

    def __init__(self, site: Site, limits: Limits) -> None:
        self.site = site
        self.deadline = site.now + site.settings.head_within
        self.core = Connection(limits)
        self.core.trace = site.settings.frames
        self._emit, self._series = site.journal.emit, site.journal.emit_series
        self._timer: asyncio.TimerHandle
        self._refilled = site.now
        self._open = False
        self._paused = False
        self._flushing = False
        self._stopping = False
        self._ended = False
        """The client sends no more."""
        self._lingering = False
        """FIN has been sent; what still comes is thrown away."""

    @abstractmethod
    def _dispatch(self) -> None:
        """Act on the events of the core."""

    @abstractmethod
    def _abandon(self) -> None:
        """The session has ended: every stream of it has closed, and nobody need wait any more."""

    @abstractmethod
    def _stalled(self) -> Iterable[int]:
        """The streams that wait for the client."""

    @abstractmethod
    def flush_soon(self) -> None:
        """Write at the end of this turn of the loop, once for all that it brings."""

    @abstractmethod
    def _pump(self) -> None:
        """Handle what has happened and write what is due."""

    # Taken up and lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there: begin with our preface (RFC 9113 3.4)."""
        self.transport = cast("asyncio.Transport", transport)
        self.connection = transport.get_extra_info("connection") or self.site.journal.open(*ends(transport))
        self._greet()

    def upgraded(
        self, transport: asyncio.Transport, connection: Line, settings: bytes, head: RequestHead
    ) -> None:
        """Begin with a request that came over HTTP/1.1 (RFC 7540 3.2)."""
        self.transport, self.connection = transport, connection
        self._emit("upgrade", connection, None, {"protocol": "h2c"})
        self.core.upgraded(settings, head, end_stream=True)
        self._greet()

    def _greet(self) -> None:
        """Open the session, if there is room for one more."""
        if not self.site.join(self):
            self._emit("dropConnection", self.connection)
            self.transport.abort()
            return
        self._open = True
        encrypted = self.transport.get_extra_info("ssl_object") is not None
        facts: dict[str, object] = {"alpnProtocol": "h2" if encrypted else "h2c", "encrypted": encrypted}
        self.connection.facts.update(facts)
        self._emit("session", self.connection, SESSION, facts)
        self._timer = self.site.loop.call_later(self.site.settings.head_within, self._unsettled)
        self.core.open()
        self._pump()

    def _unsettled(self) -> None:
        """The client has had its time to acknowledge our SETTINGS (RFC 9113 6.5.3)."""
        if self.core.settings_pending:
            self._emit("timeout", self.connection, SESSION, {"state": "settings"})
            self.core.goaway(ErrorCode.SETTINGS_TIMEOUT)
            self.core.over = True
            self.flush_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it every stream, then the session."""
        self.site.leave(self)
        if exc is not None:
            self._emit("error", self.connection, None, {"error": str(exc)})
        if self._open:
            self._end()
        self.site.journal.close(self.connection)

    def _end(self) -> None:
        """Every stream's close, then the session's."""
        self._open = False
        self._timer.cancel()
        self._dispatch()
        self._abandon()
        self._emit("close", self.connection, SESSION, {"session": True})

    # Closed

    def _close_when_done(self) -> None:
        """Close after a failure, or after the last stream of a session that is to end.

        FIN comes first and the client's own is awaited: a close with unread bytes would be a reset, which
        could overtake GOAWAY.
        """
        done = self.core.over or (
            self.core.waits_for_window if self._ended else not self.core.streams and self.core.goaway_is_final
        )
        if self._lingering or self.transport.is_closing() or not done:
            return
        self._lingering = True
        self.deadline = self.site.now + self.site.settings.linger_within
        if self._ended or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()

    # The site's side

    def _moved(self) -> None:
        """Something came or went: the deadline moves, and the budgets refill."""
        now = self.site.now
        self.deadline = now + self.site.settings.idle_within
        if now - self._refilled >= 1.0:
            self.core.refill(now - self._refilled)
            self._refilled = now

    def expired(self) -> None:
        """Nothing has moved for too long: cut what waits for the client, end what is idle."""
        self._emit("timeout", self.connection, SESSION)
        self._moved()
        if self._paused or self._stopping:
            self.transport.abort()
        elif not self.core.streams:
            self.retire()
        for stream_id in self._stalled():
            self.core.reset(stream_id, ErrorCode.CANCEL)
        self.flush_soon()

    def retire(self) -> None:
        """Finish what is open, take nothing new (RFC 9113 6.8)."""
        self.core.shut_down()
        self._stopping = True
        self.flush_soon()

    def kill(self) -> None:
        """Close at once."""
        self.transport.abort()
