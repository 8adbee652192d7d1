"""The order in which a message is judged and answered; what the loop side calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from services.dns.reference import edns
from services.dns.reference.errors import MessageError
from services.dns.reference.exchange import Asker, Delivery, Outcome, Request
from services.dns.reference.liar import Liar
from services.dns.reference.lookup import Answer, look_up
from services.dns.reference.names import ancestors
from services.dns.reference.reply import Extended, Replier
from services.dns.reference.rrtypes import ExtendedError, Option, Rcode, Type
from services.dns.reference.store import Store
from services.dns.reference.transfer import Transfers
from services.dns.reference.wire import RD, is_internet, parse_head, parse_query

# Types that are no data to look up (RFC 6895 3.1), and what a question for each earns.
QTYPE_RULES: Mapping[int, tuple[int, str]] = {
    Type.OPT: (Rcode.FORMERR, "OPT is no type to ask for (RFC 6891 6.1.1)"),
    Type.TSIG: (Rcode.FORMERR, "TSIG is no type to ask for (RFC 8945 4)"),
    Type.TKEY: (Rcode.NOTIMP, "keys are not negotiated (RFC 2930)"),
    Type.MAILA: (Rcode.NOTIMP, "MAILA is obsolete (RFC 1035 3.2.3)"),
    Type.MAILB: (Rcode.NOTIMP, "MAILB is obsolete (RFC 1035 3.2.3)"),
    0: (Rcode.FORMERR, "type 0 is reserved (RFC 6895 3.1)"),
}


class Special(Protocol):
    """What answers the names at and below one name in its own way."""

    def answer(self, request: Request) -> Outcome:
        """Return what becomes of the request."""
        ...


class Responder:
    """Answers one message at a time from the zones of the moment.

    Args:
        store: what is served.
        replier: writes the answers.
        specials: by lowered name, what answers it and all names below.
        liar: tells lies of names that were put under one.
        transfers: gives whole zones away.
    """

    def __init__(
        self,
        store: Store,
        replier: Replier,
        specials: Mapping[bytes, Special],
        liar: Liar,
        transfers: Transfers,
    ) -> None:
        self._store = store
        self._replier = replier
        self._specials = specials
        self._liar = liar
        self._transfers = transfers

    def respond(self, data: bytes, asker: Asker, now: float) -> Outcome:
        """Return what becomes of a received message; never raises for what the message holds."""
        head = parse_head(data)
        if head is None:
            return Outcome(reason="no header, or a response")
        try:
            query = parse_query(data, head)
        except MessageError as error:
            wire = self._replier.header_only(head, error.rcode)
            return Outcome((Delivery(wire),), reason=error.reason)
        request = Request(query, asker, now)
        try:
            return self._judge(request)
        except MessageError as error:
            return self.refuse(request, error)

    def _judge(self, request: Request) -> Outcome:
        query = request.query
        edns.check(query.edns)
        if not query.qname:
            return self._cookie_only(request)
        if not is_internet(query):
            raise MessageError(Rcode.REFUSED, f"class {query.qclass} is not served")
        if query.qtype in QTYPE_RULES:
            raise MessageError(*QTYPE_RULES[query.qtype])
        if query.qtype in (Type.AXFR, Type.IXFR):
            return self._transfers.answer(request, self._store.zones)
        lowered = query.qname.lower()
        special = self._special(lowered)
        if special is not None:
            return special.answer(request)
        if lowered in self._liar.told_of:
            return self._lie(request, self._liar.told_of[lowered])
        return self._look_up(request)

    def _lie(self, request: Request, spec: str) -> Outcome:
        query = request.query
        truth = look_up(self._store.zones, query.qname, query.qtype, everything=request.asker.streamed)
        return self._liar.tell(request, spec, truth)

    def _look_up(self, request: Request) -> Outcome:
        query, streamed = request.query, request.asker.streamed
        answer = look_up(self._store.zones, query.qname, query.qtype, everything=streamed)
        if answer.rcode == Rcode.REFUSED:
            if self._replier.recursion and query.head.flags & RD:
                return Outcome(query=query, forward=request)
            raise MessageError(Rcode.REFUSED, "the name is in no zone served here")
        wire = self._replier.write(request, answer)
        if query.edns is None or not query.edns.options:
            return Outcome((Delivery(wire),), query, keep=answer.keep)
        return Outcome((Delivery(wire),), query, trusted=self._is_trusted(request))

    def _is_trusted(self, request: Request) -> bool:
        cookie = request.query.edns.option(Option.COOKIE) if request.query.edns else None
        return cookie is not None and self._replier.knows(cookie, request)

    def _special(self, lowered: bytes) -> Special | None:
        return next((self._specials[name] for name in ancestors(lowered) if name in self._specials), None)

    def _cookie_only(self, request: Request) -> Outcome:
        """Answer a query without question, which only a cookie excuses (RFC 7873 5.4)."""
        options = request.query.edns
        if options is None or options.option(Option.COOKIE) is None:
            raise MessageError(Rcode.FORMERR, "no question (RFC 9619 4)")
        wire = self._replier.write(request, Answer(authoritative=False))
        return Outcome((Delivery(wire),), request.query)

    def refuse(self, request: Request, error: MessageError) -> Outcome:
        """Return the answer that an error earns, with the reason as an extended error (RFC 8914)."""
        code = EXTENDED.get(error.rcode, ExtendedError.OTHER)
        wire = self._replier.write(
            request, Answer(error.rcode, authoritative=False), Extended(code, error.reason)
        )
        return Outcome((Delivery(wire),), request.query, reason=error.reason)


EXTENDED: Mapping[int, int] = {
    Rcode.REFUSED: ExtendedError.NOT_AUTHORITATIVE,
    Rcode.NOTIMP: ExtendedError.NOT_SUPPORTED,
    Rcode.SERVFAIL: ExtendedError.NO_REACHABLE_AUTHORITY,
}
