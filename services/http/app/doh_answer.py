"""What DNS over HTTPS answers: the dns role's own answering core, in this process.

The zones are those of the topology and the zone files. What the dns service was told at run time stays
there: this core is another one, with the same rules. To ask the dns service instead would show the asker of
each query as this process, answer with the options of another transport, and fail with that service.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from functools import cache

from lab.topology import View
from lab.topology import load as load_topology
from services.dns.reference.exchange import Asker, Delivery, Outcome, Transport
from services.dns.reference.facts import MessageFacts, noted
from services.dns.reference.freshness import lifetime
from services.dns.reference.nameserver import Config, NameServer
from services.dns.reference.reply import Options
from services.dns.reference.settings import ZONES
from services.http.app.content import DNS_MESSAGE
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.message import Response


@cache
def server() -> NameServer:
    """Return the name server of this process, its zones read."""
    view = View(os.environ.get("WIREYARD_VIEW", View.NETWORK))
    options = Options(nsid=b"doh.wireyard.test", idle=0)
    made = NameServer(Config(load_topology(), view, ZONES, options, secrets.token_bytes(16)))
    made.load(int(time.time()))
    return made


async def answer(exchange: Exchange, message: bytes) -> Response | None:
    """Answer 200 for every DNS code (RFC 8484 4.2.1); 400 only for what earns no DNS answer."""
    core = await asyncio.to_thread(server)
    address, port = str(exchange.connection.peer[0]).partition("%")[0], int(exchange.connection.peer[1])
    exchange.server.journal.emit("query", exchange.connection, exchange.stream, MessageFacts(noted(message)))
    outcome = core.respond(message, Asker(address, port, Transport.HTTPS), time.time())
    delivery = _delivery(outcome)
    if delivery is None:
        exchange.abort()
        return None
    await asyncio.sleep(delivery.delay)
    exchange.server.journal.emit(
        "answer", exchange.connection, exchange.stream, MessageFacts(noted(delivery.wire))
    )
    seconds = lifetime(delivery.wire)
    fields = (
        (b"content-type", DNS_MESSAGE.encode()),
        (b"cache-control", f"max-age={seconds}".encode() if seconds else b"no-store"),
    )
    return Response(200, fields, delivery.wire)


def _delivery(outcome: Outcome) -> Delivery | None:
    """Return what to send; None when an answer is withheld on purpose."""
    if outcome.query is None and not outcome.deliveries:
        raise Refused(400, f"this is no DNS query: {outcome.reason}")
    return next(iter(outcome.deliveries), None)
