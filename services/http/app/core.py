"""What every HTTP role owes: who answers, and `/echo`."""

from __future__ import annotations

from services.http.app.exchange import Exchange
from services.http.app.message import Fields, Response, json_response
from services.kit.journal import endpoint

_ECHO_LIMIT = 1024 * 1024


def description(exchange: Exchange) -> dict[str, object]:
    """Who answers, and how the client reached it."""
    request, connection = exchange.request, exchange.connection
    return {
        "role": exchange.server.role,
        "implementation": exchange.server.implementation,
        "protocol": f"HTTP/{request.version}",
        "scheme": request.scheme,
        "authority": request.authority,
        "peer": endpoint(connection.peer),
        "alpn": connection.facts.get("alpnProtocol"),
    }


async def echo(exchange: Exchange) -> Response | None:
    """`ANY /echo`: method, target, fields and body as received."""
    request, pieces, size = exchange.request, [], 0
    while piece := await exchange.receive():
        size += len(piece)
        pieces.append(piece)
        if size > _ECHO_LIMIT:
            return json_response({"error": f"the body is larger than {_ECHO_LIMIT} bytes"}, 413)
    return json_response(
        {
            "method": request.method,
            "target": request.target.decode("utf-8", "backslashreplace"),
            "version": request.version,
            "fields": _pairs(request.fields),
            "body": b"".join(pieces).decode("utf-8", "backslashreplace"),
            "trailers": _pairs(exchange.trailers),
        }
    )


def _pairs(fields: Fields) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("utf-8", "backslashreplace")] for name, value in fields]
