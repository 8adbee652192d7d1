"""Methods that ask the server as a whole, and interim responses (RFC 9110 9.3.7, 9.3.8, 15.2)."""

from __future__ import annotations

from services.http.app.exchange import Exchange
from services.http.app.inputs import Text
from services.http.app.message import Request, Response, json_response
from services.http.app.routing import EVERYWHERE, METHODS, Route

# RFC 9110 9.3.8: what a TRACE must not carry back.
_SECRET = frozenset((b"authorization", b"proxy-authorization", b"cookie"))
_EARLY_HINTS = ((b"link", b"</style.css>; rel=preload; as=style"),)
_STATUSES = Text(
    name="statuses",
    where="path",
    meaning="Interim statuses, 102 to 199, by comma; 103 brings a Link",
    longest=79,
    pattern=r"1(0[2-9]|[1-9][0-9])(,1(0[2-9]|[1-9][0-9]))*",
    examples=("103", "102,103,103"),
)


def options(_request: Request) -> Response:
    """`OPTIONS *`: what the server as a whole can do."""
    return Response(200, ((b"allow", ", ".join(METHODS).encode()),))


def trace(request: Request) -> Response:
    """TRACE: the request's head as received, but for what is secret."""
    line = f"TRACE {request.target.decode('utf-8')} HTTP/{request.version}\r\n".encode()
    fields = [b"%b: %b\r\n" % field for field in request.fields if field[0].lower() not in _SECRET]
    return Response(200, ((b"content-type", b"message/http"),), b"".join([line, *fields, b"\r\n"]))


async def interim(exchange: Exchange) -> Response:
    """`/interim/{statuses}`: each of them, then 200. An HTTP/1.0 client gets the 200 alone."""
    statuses = [int(status) for status in _STATUSES.of(exchange).split(",")]
    for status in statuses:
        exchange.inform(status, _EARLY_HINTS if status == 103 else ())
    return json_response({"interim": statuses})


ROUTES = (
    Route(
        ("GET", "POST"), "/interim/{statuses}", interim, "Interim responses to order", "interim", (_STATUSES,)
    ),
)

WHOLE_SERVER = (
    Route(("OPTIONS",), "*", options, "What the server as a whole can do", "options"),
    Route(("TRACE",), EVERYWHERE, trace, "The request's head, as received", "trace"),
)
