"""TLS secrets, written only when asked and only for as long as asked, so that a capture can be decrypted.

The format is SSLKEYLOGFILE's (RFC 9850). The control port turns it on; nothing is written before, and the
file is gone when the time is over or the log is stopped.

PUT    /keylog?seconds=N   from now on, for at most N seconds
GET    /keylog             the secrets of the connections that were opened since
DELETE /keylog             stops, and forgets
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from pathlib import Path
from weakref import WeakSet

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

LONGEST = 600


class KeyLog:
    """The key log of every context that it was told to follow."""

    def __init__(self) -> None:
        self._contexts: WeakSet[ssl.SSLContext] = WeakSet()
        self._file: Path | None = None
        self._end: asyncio.TimerHandle | None = None

    def follow(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """Lets `context` write its secrets whenever the log is on; gives it back."""
        self._contexts.add(context)
        if self._file is not None:
            context.keylog_filename = str(self._file)
        return context

    def start(self, seconds: float) -> None:
        """Begins a new, empty log that ends by itself after `seconds`."""
        self.stop()
        with tempfile.NamedTemporaryFile(prefix="wireyard-keylog-", delete=False) as file:
            self._file = Path(file.name)
        for context in self._contexts:
            context.keylog_filename = str(self._file)
        self._end = asyncio.get_running_loop().call_later(seconds, self.stop)

    def stop(self) -> None:
        """Ends the log and removes it."""
        if self._end is not None:
            self._end.cancel()
            self._end = None
        for context in self._contexts:
            # The stub has no None, which is how a context is told to stop (ssl, SSLContext.keylog_filename).
            setattr(context, "keylog_filename", None)  # noqa: B010
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file = None

    def text(self) -> str | None:
        """What was logged so far; None while the log is off."""
        return self._file.read_text(encoding="ascii") if self._file is not None else None

    def routes(self) -> list[BaseRoute]:
        """For the control port."""
        return [
            Route("/keylog", self._put, methods=["PUT"]),
            Route("/keylog", self._get, methods=["GET"]),
            Route("/keylog", self._delete, methods=["DELETE"]),
        ]

    async def _put(self, request: Request) -> Response:
        text = request.query_params.get("seconds", "60")
        if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= LONGEST:
            return JSONResponse(
                {"error": f"seconds={text!r} is not between 1 and {LONGEST}"}, status_code=400
            )
        self.start(int(text))
        return Response(status_code=204)

    async def _get(self, _request: Request) -> Response:
        text = self.text()
        if text is None:
            return JSONResponse({"error": "the key log is off; PUT turns it on"}, status_code=409)
        return PlainTextResponse(text)

    async def _delete(self, _request: Request) -> Response:
        self.stop()
        return Response(status_code=204)


KEYLOG = KeyLog()
"""The one key log of this process."""
