"""DNS over HTTPS (RFC 8484): the two ways to ask."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable

from services.http.app.content import DNS_MESSAGE, read_all
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Text
from services.http.app.message import Response
from services.http.app.routing import Route

LARGEST = 65_535
_DNS = Text(
    name="dns",
    meaning="A DNS message, base64url without padding",
    longest=4 * LARGEST // 3 + 4,
    pattern=r"[A-Za-z0-9_-]+",
    examples=("d3cBAAABAAAAAAAABWh0dHAxCHdpcmV5YXJkBHRlc3QAAAEAAQ",),
    required=True,
)


async def by_query(exchange: Exchange) -> Response | None:
    """`GET /dns-query?dns=`: the message in the query, so that caches can work (RFC 8484 4.1)."""
    text = _DNS.of(exchange)
    try:
        message = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise Refused(400, f"dns: no base64url: {error}") from error
    return await _answer(exchange, message)


async def by_content(exchange: Exchange) -> Response | None:
    """`POST /dns-query`: the message as content."""
    media_type = (exchange.request.value(b"content-type") or b"").partition(b";")[0].strip().lower()
    if media_type != DNS_MESSAGE.encode():
        raise Refused(415, f"the content is not {DNS_MESSAGE}", ((b"accept", DNS_MESSAGE.encode()),))
    return await _answer(exchange, await read_all(exchange, LARGEST))


async def _answer(exchange: Exchange, message: bytes) -> Response | None:
    answer = await asyncio.to_thread(_answering)
    return await answer(exchange, message)


def _answering() -> Callable[[Exchange, bytes], Awaitable[Response | None]]:
    from services.http.app.doh_answer import answer  # noqa: PLC0415 - few ask, and a name server costs 8 MB

    return answer


ROUTES = (
    Route(
        ("GET",),
        "/dns-query",
        by_query,
        "DNS over HTTPS, the message in the query",
        feature="dns-over-https",
        inputs=(_DNS,),
        media=(DNS_MESSAGE,),
    ),
    Route(
        ("POST",),
        "/dns-query",
        by_content,
        "DNS over HTTPS, the message as content",
        feature="dns-over-https",
        media=(DNS_MESSAGE,),
        takes=(DNS_MESSAGE,),
    ),
)
