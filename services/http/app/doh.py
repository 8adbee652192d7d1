"""DNS over HTTPS (RFC 8484): the dns role's own answering core, in this process.

The zones are those of the topology and the zone files. What the dns service was told at run time stays
there: this core is another one, with the same rules.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import secrets
import time
from functools import cache

from lab.topology import View
from lab.topology import load as load_topology
from services.dns.reference.exchange import Asker, Delivery, Outcome, Transport
from services.dns.reference.facts import MessageFacts
from services.dns.reference.freshness import lifetime
from services.dns.reference.nameserver import Config, NameServer
from services.dns.reference.reply import Options
from services.dns.reference.settings import ZONES
from services.http.app.content import read_all
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Text
from services.http.app.message import Response
from services.http.app.routing import Route

MEDIA_TYPE = "application/dns-message"
LARGEST = 65_535
_DNS = Text(
    name="dns",
    meaning="A DNS message, base64url without padding",
    longest=4 * LARGEST // 3 + 4,
    pattern=r"[A-Za-z0-9_-]+",
    examples=("d3cBAAABAAAAAAAABWh0dHAxCHdpcmV5YXJkBHRlc3QAAAEAAQ",),
    required=True,
)


@cache
def server() -> NameServer:
    """Return the name server of this process, its zones read."""
    view = View(os.environ.get("WIREYARD_VIEW", View.NETWORK))
    options = Options(nsid=b"doh.wireyard.test", idle=0)
    made = NameServer(Config(load_topology(), view, ZONES, options, secrets.token_bytes(16)))
    made.load(int(time.time()))
    return made


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
    if media_type != MEDIA_TYPE.encode():
        raise Refused(415, f"the content is not {MEDIA_TYPE}", ((b"accept", MEDIA_TYPE.encode()),))
    return await _answer(exchange, await read_all(exchange, LARGEST))


async def _answer(exchange: Exchange, message: bytes) -> Response | None:
    """Answer 200 for every DNS code (RFC 8484 4.2.1); 400 only for what earns no DNS answer."""
    core = await asyncio.to_thread(server)
    address, port = str(exchange.connection.peer[0]).partition("%")[0], int(exchange.connection.peer[1])
    exchange.server.journal.emit("query", exchange.connection, exchange.stream, MessageFacts(message))
    outcome = core.respond(message, Asker(address, port, Transport.HTTPS), time.time())
    delivery = _delivery(outcome)
    if delivery is None:
        exchange.abort()
        return None
    await asyncio.sleep(delivery.delay)
    exchange.server.journal.emit("answer", exchange.connection, exchange.stream, MessageFacts(delivery.wire))
    seconds = lifetime(delivery.wire)
    fields = (
        (b"content-type", MEDIA_TYPE.encode()),
        (b"cache-control", f"max-age={seconds}".encode() if seconds else b"no-store"),
    )
    return Response(200, fields, delivery.wire)


def _delivery(outcome: Outcome) -> Delivery | None:
    """Return what to send; None when an answer is withheld on purpose."""
    if outcome.query is None and not outcome.deliveries:
        raise Refused(400, f"this is no DNS query: {outcome.reason}")
    return next(iter(outcome.deliveries), None)


ROUTES = (
    Route(
        ("GET",),
        "/dns-query",
        by_query,
        "DNS over HTTPS, the message in the query",
        feature="dns-over-https",
        inputs=(_DNS,),
        media=(MEDIA_TYPE,),
    ),
    Route(
        ("POST",),
        "/dns-query",
        by_content,
        "DNS over HTTPS, the message as content",
        feature="dns-over-https",
        media=(MEDIA_TYPE,),
        takes=(MEDIA_TYPE,),
    ),
)
