"""An HTTP/1.1 client on h11 that shows what it sees: interim responses, trailers, reuse, how it all ended.

    origin = Origin("127.0.0.1", 7780, "http1.wireyard.test")
    async with Client(origin) as client:
        reply = await client.get("/todos?name=zhangsan")

`Client` asks through a `Pool` with keep-alive; `Connection` is one socket; `send_raw` sends bytes that no
client would.
"""

from clients.http1.call import Call
from clients.http1.client import Client
from clients.http1.connection import Connection
from clients.http1.errors import (
    BadResponseError,
    ConnectError,
    ConnectionClosedError,
    HTTP1Error,
    TimedOutError,
)
from clients.http1.origin import Origin
from clients.http1.pool import Limits, Pool
from clients.http1.raw import RawReply, send_raw
from clients.http1.reply import Interim, Reply
from clients.http1.tunnel import Tunnel

__all__ = [
    "BadResponseError",
    "Call",
    "Client",
    "ConnectError",
    "Connection",
    "ConnectionClosedError",
    "HTTP1Error",
    "Interim",
    "Limits",
    "Origin",
    "Pool",
    "RawReply",
    "Reply",
    "TimedOutError",
    "Tunnel",
    "send_raw",
]
