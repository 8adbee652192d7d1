"""`/gzip`, `/deflate`, `/brotli`, `/zstd`, and `/coding`, which negotiates (RFC 9110 8.4, 12.5.3)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from services.http.app.codings import ENCODERS, encode
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.message import Response
from services.http.app.negotiation import best_coding
from services.http.app.reflect import description
from services.http.app.routing import Route

_FEATURE = "content-codings"
# Preferred first, on a tie.
_OFFERED = ("zstd", "br", "gzip", "deflate")
_SAID = {"gzip": "gzipped", "deflate": "deflated", "br": "brotli", "zstd": "zstd"}


async def negotiated(exchange: Exchange) -> Response:
    """`/coding`: in the coding that Accept-Encoding likes best; 406 when it refuses them all."""
    coding = best_coding(exchange.request.value(b"accept-encoding"), _OFFERED)
    if coding is None:
        raise Refused(406, "every coding offered is refused", ((b"vary", b"accept-encoding"),))
    return _coded(exchange, coding)


def _always(coding: str) -> Callable[[Exchange], Awaitable[Response]]:
    async def handler(exchange: Exchange) -> Response:
        return _coded(exchange, coding)

    handler.__doc__ = f"The request's description in `{coding}`, whatever the client accepts."
    return handler


def _coded(exchange: Exchange, coding: str) -> Response:
    plain = coding == "identity"
    said = {**description(exchange), **({} if plain else {_SAID[coding]: True})}
    content = json.dumps(said, ensure_ascii=False).encode()
    fields = ((b"content-type", b"application/json; charset=utf-8"), (b"vary", b"accept-encoding"))
    if plain:
        return Response(200, fields, content)
    return Response(200, (*fields, (b"content-encoding", coding.encode())), encode(coding, content))


_PATHS = {"br": "brotli"}

ROUTES = (
    *(
        Route(
            ("GET",),
            f"/{_PATHS.get(coding, coding)}",
            _always(coding),
            f"Content coded with {coding}",
            _FEATURE,
        )
        for coding in ENCODERS
    ),
    Route(("GET",), "/coding", negotiated, "Content in the coding you like best", _FEATURE, (), (200, 406)),
)
