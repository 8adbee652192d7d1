"""ASGI's own words, and the way from a scope to a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from services.http.app.message import Request
from services.kit.journal import Connection

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_SCHEMES = {"ws": "http", "wss": "https"}


def request_of(scope: Scope) -> Request:
    """The head of the request in `scope`, an `http` or `websocket` scope.

    ASGI folds HTTP/2's `:authority` into a `host` field; it is taken out again. A bare `?` at the end of the
    target is lost.
    """
    version = "2" if str(scope["http_version"]).startswith("2") else str(scope["http_version"])
    fields = tuple((bytes(name), bytes(value)) for name, value in scope["headers"])
    host = next((value for name, value in fields if name.lower() == b"host"), b"")
    if version == "2":
        fields = tuple(pair for pair in fields if pair[0] != b"host")
    return Request(
        method=scope.get("method", "GET"),
        target=_target(scope),
        version=version,
        scheme=_SCHEMES.get(str(scope["scheme"]), str(scope["scheme"])),
        authority=host.decode("latin-1"),
        fields=fields,
    )


def connection_of(scope: Scope, number: int) -> Connection:
    """What ASGI tells of the connection: both addresses, and that HTTP/2 over TLS was agreed by ALPN."""
    connection = Connection(number, tuple(scope.get("client") or ()), tuple(scope.get("server") or ()))
    if scope["scheme"] in ("https", "wss") and str(scope["http_version"]).startswith("2"):
        connection.facts["alpnProtocol"] = "h2"
    return connection


def _target(scope: Scope) -> bytes:
    path = scope.get("raw_path") or str(scope["path"]).encode()
    query = scope.get("query_string", b"")
    return bytes(path) + (b"?" + bytes(query) if query else b"")
