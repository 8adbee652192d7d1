"""Fields that the client chooses: in the head of the response, in its trailer section."""

from __future__ import annotations

import json
import re

from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.message import Fields, Request, Response
from services.http.app.reflect import described, grouped
from services.http.app.routing import Route

MOST = 64
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_VALUE = re.compile(r"[\t\x20-\x7e\u0080-\uffff]{0,4096}")
# What frames the message and manages the connection is the server's to say (RFC 9110 7.6.1, 6.4.1).
_OURS = frozenset(
    (
        "connection",
        "content-length",
        "date",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
# What must be known before the content cannot come after it (RFC 9110 6.5.1).
_NEVER_TRAILING = _OURS | frozenset(
    (
        "authorization",
        "cache-control",
        "content-encoding",
        "content-range",
        "content-type",
        "cookie",
        "host",
        "max-forwards",
        "proxy-authorization",
        "set-cookie",
    )
)


def in_head(request: Request) -> Response:
    """`/response-headers?name=value`: each parameter as a field, and as JSON."""
    fields = _chosen(request, _OURS)
    if not any(name.lower() == b"content-type" for name, _ in fields):
        fields = (*fields, (b"content-type", b"application/json; charset=utf-8"))
    said = grouped((name.decode(), value.decode()) for name, value in fields)
    # The client may have chosen a media type that runs scripts: no markup survives in the content.
    body = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return Response(200, fields, body.encode())


async def in_trailers(exchange: Exchange) -> None:
    """`/trailers?name=value`: each parameter in the trailer section (RFC 9110 6.5), announced."""
    trailers = _chosen(exchange.request, _NEVER_TRAILING)
    said = json.dumps(await described(exchange), ensure_ascii=False).encode()
    names = b", ".join(dict.fromkeys(name for name, _ in trailers))
    announced = ((b"trailer", names),) if names else ()
    await exchange.start(200, ((b"content-type", b"application/json; charset=utf-8"), *announced))
    if exchange.request.method != "HEAD":
        await exchange.send(said)
    await exchange.finish(trailers)


def _chosen(request: Request, forbidden: frozenset[str]) -> Fields:
    if len(request.query) > MOST:
        raise Refused(400, f"more than {MOST} fields")
    for name, value in request.query:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or value != value.strip():
            raise Refused(400, f"{name[:80]}={value[:80]!r} is no field (RFC 9110 5.1, 5.5)")
        if name.lower() in forbidden:
            raise Refused(400, f"{name} is not yours to set here")
    return tuple((name.encode(), value.encode()) for name, value in request.query)


_FEATURE = "response-fields"

ROUTES = (
    Route(
        ("GET", "POST"),
        "/response-headers",
        in_head,
        "Your fields in the response's head",
        _FEATURE,
        media=(),
    ),
    Route(
        ("GET", "POST"), "/trailers", in_trailers, "Your fields in the trailer section", "response-trailers"
    ),
)
