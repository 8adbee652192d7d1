"""A mutation fuzz of the answering core: `python -m services.dns.reference.tests.fuzz --seconds 60`.

Queries of every kind, lies among them, are cut, spliced and sprinkled with octets. For every input:

1. nothing is raised, and there is an end to it;
2. no answer is larger than a legal query deserves, so that nothing is amplified: over UDP a header for what
   cannot be read, 512 octets without EDNS, and with it what the asker takes, 1,232 at most; each is marked
   as an answer and has the ID of its query;
3. an answer by the direct way is the one of the long way, to the octet;
4. an independent reader (dnspython) can read what no lie has spoilt.
"""

from __future__ import annotations

import random
import sys
from functools import cache

import dns.message

from services.dns.reference.cache import AnswerCache
from services.dns.reference.exchange import Asker, Outcome
from services.dns.reference.names import ancestors
from services.dns.reference.nameserver import LIES
from services.dns.reference.tests.world import TCP, UDP, opt, option, query, shared
from services.kit.tests.fuzz import main

_READ = 20  # one answer in so many is read again: that takes longer than all the rest


@cache
def seeds() -> list[bytes]:
    """Queries that the server knows what to do with."""
    cookie = opt(options=option(10, b"abcdefgh") + option(12, bytes(9)) + option(3, b""))
    honest = "http1 chain x.wild host.old child large larger reflect a.empty nowhere records"
    lies = "servfail.lies loop.lies slow-5.lies endless.lies many-9.lies twice.lies"
    names = f"{honest} {lies}".split()
    plain = [query(name, rrtype) for name in names for rrtype in (1, 16, 28, 255, 65)]
    rich = [query(name, 16, extra=1, tail=cookie) for name in names]
    return [*plain, *rich, query(".", 252), query("wireyard.test.", 251), query("@", 6)]


def mutate(chance: random.Random) -> bytes:
    """One input: a seed, changed in one to five places."""
    data = bytearray(chance.choice(seeds()))
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(2, len(data))
        data[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
    return bytes(data)


def deserved(outcome: Outcome, asker: Asker) -> int:
    """Return the octets that the answer to a query may have, by RFC 1035 4.2.1 and RFC 6891 6.2.3."""
    if outcome.query is None:
        return 12
    if asker.streamed:
        return 65_535
    if outcome.query.edns is None:
        return 512
    return min(max(outcome.query.edns.payload, 512), 1_232)


def judge(data: bytes, *, over_udp: bool, read: bool) -> None:
    """Hold one input against the four rules. Raises AssertionError with the input."""
    asker = UDP if over_udp else TCP
    outcome = shared().respond(data, asker, 0.0)
    lie = outcome.query is not None and LIES in ancestors(outcome.query.qname.lower())
    for delivery in outcome.deliveries:
        assert len(delivery.wire) <= deserved(outcome, asker), data.hex()
        assert delivery.wire[2] & 0x80, data.hex()
        assert lie or delivery.wire[:2] == data[:2], data.hex()
        if read and not lie:
            dns.message.from_wire(delivery.wire)
    answer = shared().quick(data, AnswerCache())
    if answer is not None:
        assert [delivery.wire for delivery in outcome.deliveries] == [answer], data.hex()


def check(chance: random.Random) -> None:
    """One input, all four rules. Raises AssertionError with the input."""
    judge(mutate(chance), over_udp=chance.random() < 0.5, read=chance.randrange(_READ) == 0)


if __name__ == "__main__":
    sys.exit(main(check))
