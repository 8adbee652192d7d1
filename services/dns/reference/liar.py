"""Who tells the lies: by name, and of the names that the control port has put under one."""

from __future__ import annotations

from collections import Counter

from services.dns.reference import lies
from services.dns.reference.crafted import CurrentZones, address_set, answer_of, text_set
from services.dns.reference.errors import RecordError
from services.dns.reference.exchange import Delivery, Outcome, Request
from services.dns.reference.lookup import Answer
from services.dns.reference.names import labels_of
from services.dns.reference.packed import RRset
from services.dns.reference.reply import Replier
from services.dns.reference.rrtypes import Rcode

TTL = 60
MOST_COUNTED = 4_096
MOST_NAMES = 1_024


class Liar:
    """Answers for names below `apex`, and for the names in `told_of`.

    Args:
        apex: `lies.wireyard.test`, lowered.
        replier: writes answers.
        zones: the zones of the moment, for the SOA of no data.
    """

    def __init__(self, apex: bytes, replier: Replier, zones: CurrentZones) -> None:
        self.told_of: dict[bytes, str] = {}
        self._apex = apex
        self._replier = replier
        self._zones = zones
        self._counts: Counter[bytes] = Counter()

    def answer(self, request: Request) -> Outcome:
        """Tell the lie that the name asks for; the apex lists them all, and no others exist."""
        query = request.query
        truth = answer_of(self._zones(), query.qname, query.qtype, _data(query.qname))
        labels = list(labels_of(query.qname[: -len(self._apex)] + b"\0"))
        if not labels:
            return self._honest(request, truth)
        try:
            return self.tell(request, labels[-1].decode("ascii", "replace"), truth)
        except RecordError:
            return self._honest(request, Answer(Rcode.NXDOMAIN, authority=truth.authority, keep=False))

    def tell(self, request: Request, spec: str, truth: Answer) -> Outcome:
        """Tell the lie `spec` of a name whose honest answer is `truth`.

        Raises:
            RecordError: no such lie.
        """
        lie, number = lies.parse(spec)
        told = lies.LIES[lie].tell(
            lies.Deceit(request, truth, self._replier, number, self._count(request.query.qname.lower()))
        )
        return Outcome(told, request.query, reason=f"a lie: {spec}")

    def _honest(self, request: Request, answer: Answer) -> Outcome:
        return Outcome((Delivery(self._replier.write(request, answer)),), request.query)

    def _count(self, name: bytes) -> int:
        """Return how often the name was lied about before; counting starts anew when names are too many."""
        if len(self._counts) >= MOST_COUNTED:
            self._counts.clear()
        self._counts[name] += 1
        return self._counts[name] - 1

    def put(self, name: bytes, spec: str) -> None:
        """Put a lowered name under a lie from now on.

        Raises:
            RecordError: no such lie, or too many names.
        """
        lies.parse(spec)
        if name not in self.told_of and len(self.told_of) >= MOST_NAMES:
            raise RecordError(f"more than {MOST_NAMES} names are lied about already")
        self.told_of[name] = spec.lower()


def _data(qname: bytes) -> list[RRset]:
    return [
        address_set(qname, [lies.PUBLIC], TTL),
        address_set(qname, [lies.PUBLIC6], TTL),
        text_set(qname, [f"{name}: {lie.meaning}" for name, lie in lies.LIES.items()], TTL),
    ]
