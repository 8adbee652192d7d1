"""An HTTP/2 client on the `h2` library that shows every frame.

    async with Session(Origin("127.0.0.1", 7781, "h2c.wireyard.test")) as session:
        reply = await session.get("/todos?name=zhangsan")

`Session` is one connection; `Call` is one stream of it; `secure` makes an origin that speaks TLS.
"""

from clients.http1.origin import Origin
from clients.http2.call import Call
from clients.http2.errors import (
    ConnectError,
    HTTP2Error,
    ProtocolViolationError,
    SessionEndedError,
    StreamResetError,
    TimedOutError,
)
from clients.http2.heard import Goaway, Promise
from clients.http2.origin import secure
from clients.http2.reply import Interim, Reply
from clients.http2.session import Session

__all__ = [
    "Call",
    "ConnectError",
    "Goaway",
    "HTTP2Error",
    "Interim",
    "Origin",
    "Promise",
    "ProtocolViolationError",
    "Reply",
    "Session",
    "SessionEndedError",
    "StreamResetError",
    "TimedOutError",
    "secure",
]
