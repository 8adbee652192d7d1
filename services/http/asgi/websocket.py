"""`/websocket/echo` over ASGI's WebSocket scope; the server speaks RFC 6455 (over HTTP/2: RFC 8441)."""

from __future__ import annotations

from services.http.app.message import Request
from services.http.asgi.scope import Receive, Send

PATH = "/websocket/echo"


async def echo(request: Request, receive: Receive, send: Send) -> None:
    """Sends every message back until the client closes; refuses any other path with 403."""
    await receive()
    if request.path != PATH:
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        kind = "text" if message.get("text") is not None else "bytes"
        await send({"type": "websocket.send", kind: message[kind]})
