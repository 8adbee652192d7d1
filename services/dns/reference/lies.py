"""Lies on demand: answers that no honest server gives, for testing resolvers and clients.

A lie is told by name, `[anything.]LIE[-N].lies.wireyard.test`, or of any name that the control port has put
under a lie. What each of them does stands in LIES. Lies that carry data carry the truth of the name, or for
names below `lies` the addresses 192.0.2.1 and 2001:db8::1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from services.dns.reference.crafted import address_set, alias_set
from services.dns.reference.errors import RecordError
from services.dns.reference.exchange import Delivery, Request
from services.dns.reference.lookup import Answer
from services.dns.reference.names import MAX_NAME, labels_of
from services.dns.reference.packed import RRset
from services.dns.reference.reply import Extended, Replier
from services.dns.reference.rrtypes import ExtendedError, Option, Rcode
from services.dns.reference.wire import TC

PUBLIC, PRIVATE = "192.0.2.1", "127.0.0.1"
PUBLIC6 = "2001:db8::1"
STALE_TTL = 30  # RFC 8767 4
LONGEST_DELAY = 30_000
MOST_RECORDS = 4_000


@dataclass(frozen=True, slots=True)
class Deceit:
    """One lie about to be told.

    Attributes:
        request: what was asked.
        truth: what an honest answer would be.
        replier: writes answers.
        number: the N of the lie's name, or its default.
        count: how often the lie was told before.
    """

    request: Request
    truth: Answer
    replier: Replier
    number: int
    count: int

    @property
    def qname(self) -> bytes:
        """The name asked for."""
        return self.request.query.qname

    def say(self, answer: Answer | None = None, error: Extended | None = None) -> bytes:
        """Return the octets of an answer, by default the truth."""
        return self.replier.write(self.request, answer or self.truth, error)

    def records(self, *sets: RRset) -> bytes:
        """Return the octets of an answer with these record sets."""
        return self.say(Answer(answer=list(sets), keep=False))


Told = tuple[Delivery, ...]


def _code(rcode: int) -> Callable[[Deceit], Told]:
    forged = Extended(ExtendedError.FORGED_ANSWER, "a lie on demand")
    return lambda deceit: (Delivery(deceit.say(Answer(rcode), forged)),)


def _silent(_: Deceit) -> Told:
    return ()


def _slow(deceit: Deceit) -> Told:
    return (Delivery(deceit.say(), delay=min(deceit.number, LONGEST_DELAY) / 1000),)


def _truncated(deceit: Deceit) -> Told:
    wire = bytearray(deceit.say(Answer()))
    wire[2] |= TC >> 8
    return (Delivery(bytes(wire)),)


def _wrong_id(deceit: Deceit) -> Told:
    wire = deceit.say()
    return (Delivery(bytes((wire[0] ^ 0xFF, wire[1] ^ 0xFF)) + wire[2:]),)


def _wrong_question(deceit: Deceit) -> Told:
    """Answer for a name that differs in its first letter."""
    wire = deceit.say()
    return (Delivery(wire[:13] + bytes((wire[13] ^ 1,)) + wire[14:]),)


def _wrong_case(deceit: Deceit) -> Told:
    """Give the question back in lower case, as servers that spoil 0x20 do."""
    wire, end = deceit.say(), 12 + len(deceit.qname)
    return (Delivery(wire[:12] + wire[12:end].lower() + wire[end:]),)


def _other_port(deceit: Deceit) -> Told:
    return (Delivery(deceit.say(), other_port=True),)


def _drop(deceit: Deceit) -> Told:
    """Leave every N-th query unanswered."""
    return () if (deceit.count + 1) % max(deceit.number, 1) == 0 else (Delivery(deceit.say()),)


def _malformed(deceit: Deceit) -> Told:
    """End in the middle of the last record."""
    return (Delivery(deceit.say()[:-3]),)


def _junk(deceit: Deceit) -> Told:
    """Put octets behind the last record."""
    return (Delivery(deceit.say() + b"\xde\xad\xbe\xef"),)


def _twice(deceit: Deceit) -> Told:
    """Answer, and then answer again with something else."""
    other = deceit.records(address_set(deceit.qname, ["192.0.2.66"], 0))
    return (Delivery(deceit.say()), Delivery(other))


def _stale(deceit: Deceit) -> Told:
    """Serve what has expired (RFC 8767 4), and say so (RFC 8914 4.4)."""
    truth = deceit.truth
    stale = replace(truth, answer=[replace(rrset, ttl=STALE_TTL) for rrset in truth.answer])
    return (Delivery(deceit.say(stale, Extended(ExtendedError.STALE_ANSWER, "stale"))),)


def _rebind(deceit: Deceit) -> Told:
    """Alternate between a public and a loopback address, with no time to live."""
    address = PRIVATE if deceit.count % 2 else PUBLIC
    return (Delivery(deceit.records(address_set(deceit.qname, [address], 0))),)


def _mixed(deceit: Deceit) -> Told:
    """Give addresses of both families whichever is asked for."""
    sets = (address_set(deceit.qname, [PUBLIC], 60), address_set(deceit.qname, [PUBLIC6], 60))
    return (Delivery(deceit.records(*sets)),)


def _many(deceit: Deceit) -> Told:
    """Give N addresses."""
    count = min(deceit.number, MOST_RECORDS)
    addresses = (f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in range(1, count + 1))
    return (Delivery(deceit.records(address_set(deceit.qname, addresses, 60))),)


def _loop(deceit: Deceit) -> Told:
    """Two aliases that point at each other."""
    back = deceit.qname.lower().startswith(b"\x04back")
    other = deceit.qname[5:] if back else b"\x04back" + deceit.qname
    return _aliases(deceit, alias_set(deceit.qname, other, 60), alias_set(other, deceit.qname, 60))


def _endless(deceit: Deceit) -> Told:
    """An alias to the next number, which is an alias to the next."""
    first = next(labels_of(deceit.qname), b"")
    digits = first[1:].decode("ascii", "replace")
    is_link = first[:1] == b"n" and digits.isdecimal() and len(digits) < 9
    label = f"n{int(digits) + 1 if is_link else 1}".encode()
    target = bytes((len(label),)) + label + (deceit.qname[1 + len(first) :] if is_link else deceit.qname)
    return _aliases(deceit, alias_set(deceit.qname, target, 60))


def _aliases(deceit: Deceit, *sets: RRset) -> Told:
    """Answer with aliases, or with the truth where one would be longer than a name may be."""
    if any(len(name) > MAX_NAME for rrset in sets for name in (rrset.owner, rrset.rdatas[0].target)):
        return (Delivery(deceit.say()),)
    return (Delivery(deceit.records(*sets)),)


def _lame(deceit: Deceit) -> Told:
    """Answer without authority and without anything else (a lame delegation)."""
    return (Delivery(deceit.say(Answer(authoritative=False))),)


def _no_edns(deceit: Deceit) -> Told:
    """Refuse OPT records, as servers of old do (RFC 6891 7)."""
    query = deceit.request.query
    if query.edns is None:
        return (Delivery(deceit.say()),)
    return (Delivery(deceit.replier.header_only(query.head, Rcode.FORMERR)),)


def _bad_cookie(deceit: Deceit) -> Told:
    """Want a valid server cookie over UDP (RFC 7873 5.2.4)."""
    edns = deceit.request.query.edns
    cookie = edns.option(Option.COOKIE) if edns else None
    if deceit.request.asker.streamed or (cookie and deceit.replier.knows(cookie, deceit.request)):
        return (Delivery(deceit.say()),)
    return (Delivery(deceit.say(Answer(Rcode.BADCOOKIE if cookie else Rcode.REFUSED))),)


@dataclass(frozen=True, slots=True)
class Lie:
    """One row of the table: what is told, and what N means and is when left out."""

    tell: Callable[[Deceit], Told]
    meaning: str
    number: int = 0


LIES: Mapping[str, Lie] = {
    "servfail": Lie(_code(Rcode.SERVFAIL), "SERVFAIL"),
    "refused": Lie(_code(Rcode.REFUSED), "REFUSED"),
    "nxdomain": Lie(_code(Rcode.NXDOMAIN), "NXDOMAIN, without an SOA"),
    "formerr": Lie(_code(Rcode.FORMERR), "FORMERR"),
    "notimp": Lie(_code(Rcode.NOTIMP), "NOTIMP"),
    "silent": Lie(_silent, "no answer at all"),
    "slow": Lie(_slow, "the truth, N milliseconds late", 500),
    "truncated": Lie(_truncated, "TC set, even over TCP"),
    "wrong-id": Lie(_wrong_id, "another ID"),
    "wrong-question": Lie(_wrong_question, "another name in the question"),
    "wrong-case": Lie(_wrong_case, "the question in lower case"),
    "other-port": Lie(_other_port, "from another UDP port"),
    "drop": Lie(_drop, "every N-th query unanswered", 2),
    "malformed": Lie(_malformed, "the last record cut short"),
    "junk": Lie(_junk, "octets behind the last record"),
    "twice": Lie(_twice, "a second answer with other data"),
    "stale": Lie(_stale, "expired data, with its extended error"),
    "rebind": Lie(_rebind, "192.0.2.1 and 127.0.0.1 in turns, TTL 0"),
    "mixed": Lie(_mixed, "both families whichever is asked for"),
    "many": Lie(_many, "N addresses", 1000),
    "loop": Lie(_loop, "two aliases in a ring"),
    "endless": Lie(_endless, "an alias to an alias, without end"),
    "lame": Lie(_lame, "no authority, no data"),
    "no-edns": Lie(_no_edns, "FORMERR for whoever uses EDNS"),
    "bad-cookie": Lie(_bad_cookie, "only for those with a valid server cookie"),
}


def parse(spec: str) -> tuple[str, int]:
    """Return the lie and its number, 1 or more, that `LIE` or `LIE-N` names.

    Raises:
        RecordError: no such lie.
    """
    spec = spec.lower()
    if spec in LIES:
        return spec, LIES[spec].number
    lie, _, number = spec.rpartition("-")
    if lie in LIES and LIES[lie].number and number.isdecimal() and len(number) < 9 and int(number):
        return lie, int(number)
    raise RecordError(f"{spec!r} is no lie; there are {', '.join(sorted(LIES))}")
