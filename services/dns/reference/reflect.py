"""`reflect.wireyard.test`: names that answer with what the server saw of the asker.

The TXT record of `reflect` tells everything; of a name below it, one thing: `address`, `port`, `transport`,
`edns`, `options`, `cookie`, `question`. A and AAAA give the asker's own address, when it is of that family.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.dns.reference.crafted import CurrentZones, address_set, answer_of, text_set
from services.dns.reference.exchange import Delivery, Outcome, Request
from services.dns.reference.names import labels_of, to_text
from services.dns.reference.reply import Replier
from services.dns.reference.rrtypes import Option, type_to_text

TTL = 0


def _edns(request: Request) -> str:
    edns = request.query.edns
    if edns is None:
        return "none"
    return f"version {edns.version}, payload {edns.payload}{', do' if edns.dnssec_ok else ''}"


def _options(request: Request) -> str:
    edns = request.query.edns
    return " ".join(f"{code}:{data.hex()}" for code, data in edns.options) if edns else ""


def _cookie(request: Request) -> str:
    cookie = request.query.edns.option(Option.COOKIE) if request.query.edns else None
    return cookie.hex() if cookie else ""


FACTS: Mapping[str, Callable[[Request], str]] = {
    "address": lambda request: request.asker.address,
    "port": lambda request: str(request.asker.port),
    "transport": lambda request: request.asker.transport.value,
    "edns": _edns,
    "options": _options,
    "cookie": _cookie,
    "question": lambda request: f"{to_text(request.query.qname)} {type_to_text(request.query.qtype)}",
}


class Reflector:
    """Answers for `reflect.wireyard.test` and all names below it."""

    def __init__(self, replier: Replier, zones: CurrentZones) -> None:
        self._replier = replier
        self._zones = zones

    def answer(self, request: Request) -> Outcome:
        """Return what was seen of the asker, never to be kept."""
        query = request.query
        label = next(labels_of(query.qname), b"").decode("ascii", "replace").lower()
        facts = {label: FACTS[label]} if label in FACTS else FACTS
        texts = [
            fact(request) if len(facts) == 1 else f"{key}={fact(request)}" for key, fact in facts.items()
        ]
        sets = [address_set(query.qname, [request.asker.address], TTL), text_set(query.qname, texts, TTL)]
        answer = answer_of(self._zones(), query.qname, query.qtype, sets)
        return Outcome((Delivery(self._replier.write(request, answer)),), query)
