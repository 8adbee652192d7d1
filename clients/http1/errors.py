"""The errors of the HTTP/1.1 client.

HTTP1Error
├── ConnectError            nobody listens, or the TLS handshake failed
├── TimedOutError           nothing came in time; `waiting_for` says what was awaited
├── ConnectionClosedError   the connection ended before the response was whole; `reset` tells RST from FIN
└── BadResponseError        what came is no HTTP/1.1
"""

from __future__ import annotations


class HTTP1Error(Exception):
    """Root of the tree."""


class ConnectError(HTTP1Error):
    """There is no connection to the server."""


class TimedOutError(HTTP1Error):
    """Nothing came in time."""

    def __init__(self, waiting_for: str, seconds: float) -> None:
        super().__init__(f"no {waiting_for} within {seconds:g} s")
        self.waiting_for = waiting_for


class ConnectionClosedError(HTTP1Error):
    """The connection ended before the response was whole; `received` counts the bytes of its content."""

    def __init__(self, *, reset: bool, received: int = 0) -> None:
        super().__init__(f"the server {'reset' if reset else 'closed'} the connection too early")
        self.reset = reset
        self.received = received


class BadResponseError(HTTP1Error):
    """What came is no HTTP/1.1 response."""
