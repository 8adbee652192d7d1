"""The rows' HTTP work as a small ASGI application, for the servers that carry ASGI."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TODOS = {
    "zhangsan": '[{"name":"birth","introduce":"过生日"}]'.encode(),
    "lisi": '[{"name":"hospital","introduce":"医院复诊"}]'.encode(),
}
JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")
DOWNLOAD = (b"abcdefghijklmnopqrstuvwxyz" * 2521)[:65536]


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answers the four works: todos by query, todos by body, download, upload."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/range/65536":
        await _answer(send, DOWNLOAD, (b"content-type", b"text/plain"))
    elif scope["path"] == "/todos" and scope["method"] == "GET":
        name = parse_qs(scope["query_string"].decode()).get("name", [""])[0]
        await _answer(send, TODOS.get(name, b'""'), JSON_TYPE)
    elif scope["path"] == "/todos":
        body = b"".join([piece async for piece in _body(receive)])
        await _answer(send, TODOS.get(json.loads(body)["name"], b'""'), JSON_TYPE)
    else:
        size = sum([len(piece) async for piece in _body(receive)])
        await _answer(send, json.dumps({"size": size}, separators=(",", ":")).encode(), JSON_TYPE)


async def _body(receive: Receive) -> Any:
    more = True
    while more:
        message = await receive()
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _answer(send: Send, body: bytes, media_type: tuple[bytes, bytes]) -> None:
    headers = [media_type, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
