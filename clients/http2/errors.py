"""The errors of the HTTP/2 client.

HTTP2Error
├── ConnectError             nobody listens, the TLS handshake failed, or ALPN did not choose h2
├── TimedOutError            nothing came in time; `waiting_for` says what was awaited
├── StreamResetError         the server reset the stream; `code` is its reason
├── SessionEndedError        the session is over, by GOAWAY (`code`, `last_stream`, `debug`) or a close
└── ProtocolViolationError   what came is no HTTP/2
"""

from __future__ import annotations

from clients.http2.codes import code_name


class HTTP2Error(Exception):
    """Root of the tree."""


class ConnectError(HTTP2Error):
    """There is no session with the server."""


class TimedOutError(HTTP2Error):
    """Nothing came in time."""

    def __init__(self, waiting_for: str, seconds: float) -> None:
        super().__init__(f"no {waiting_for} within {seconds:g} s")
        self.waiting_for = waiting_for


class StreamResetError(HTTP2Error):
    """RST_STREAM (RFC 9113 6.4)."""

    def __init__(self, stream: int, code: int) -> None:
        super().__init__(f"stream {stream} was reset: {code_name(code)}")
        self.stream = stream
        self.code = code


class SessionEndedError(HTTP2Error):
    """The session ended before the answer was whole; `code` is None when the connection just closed."""

    def __init__(self, code: int | None = None, last_stream: int | None = None, debug: bytes = b"") -> None:
        said = "the connection closed" if code is None else f"GOAWAY {code_name(code)}"
        super().__init__(f"{said} {debug.decode('utf-8', 'backslashreplace')}".rstrip())
        self.code = code
        self.last_stream = last_stream
        self.debug = debug


class ProtocolViolationError(HTTP2Error):
    """The server broke HTTP/2."""
