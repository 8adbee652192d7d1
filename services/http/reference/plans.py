"""How each head is answered: read and routed once, then remembered by its exact bytes.

Clients repeat themselves. A head that has been found right, byte for byte, is right again; the memory is
bounded in number and in size, and holds nothing that depends on the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.http.app.content import OfContent
from services.http.app.message import Request, Response
from services.http.app.routing import Immediate, Match, Router
from services.http.reference.h1.framing import NONE
from services.http.reference.h1.head import Head, read_head
from services.http.reference.h1.limits import Limits

MEMORY = 512
LONGEST = 4 * 1024
"""How many heads are remembered, and how long one may be, in bytes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A head, what answers it, and what the journal says of it.

    `simple` is the handler of a request that can be answered from its head alone, with nothing to negotiate
    and the connection going on: the common case, which needs no exchange. `last` is the same for a request
    that ends its connection, `prompt` for one that can be answered from its head and its content, of known
    length and within the handler's limit.
    """

    head: Head
    request: Request
    match: Match | Response
    facts: Mapping[str, object]
    simple: Immediate | None
    last: Immediate | None
    prompt: OfContent | None


class Plans:
    """Plans by the bytes of the head."""

    def __init__(self, router: Router, scheme: str, limits: Limits) -> None:
        self._router, self._scheme, self._limits = router, scheme, limits
        self.known: dict[bytes, Plan] = {}
        """Heads met before, whole messages all of them: those whose plan is `simple` or `last`."""
        self._others: dict[bytes, Plan] = {}

    def read(self, raw: bytes) -> Plan:
        """The plan for a whole head. Raises BadMessage."""
        plan = self.known.get(raw) or self._others.get(raw)
        if plan is None:
            plan = self._make(raw)
            if len(raw) <= LONGEST:
                memory = self.known if plan.simple or plan.last else self._others
                if len(memory) >= MEMORY:
                    memory.clear()
                memory[raw] = plan
        return plan

    def _make(self, raw: bytes) -> Plan:
        head = read_head(raw, self._scheme, self._limits)
        request = head.request
        match = self._router.match(request.method, request.path)
        facts = {
            "method": request.method,
            "target": request.target.decode("utf-8"),
            "version": request.version,
            "authority": request.authority,
        }
        if isinstance(match, Response) or not _is_ordinary(head):
            return Plan(head, request, match, facts, None, None, None)
        immediate = match.at_once(request) if head.content == NONE else None
        simple, last = (immediate, None) if head.persistent else (None, immediate)
        return Plan(head, request, match, facts, simple, last, _prompt(head, match))


def _is_ordinary(head: Head) -> bool:
    request = head.request
    modern = request.version == "1.1" and request.method != "HEAD"
    return modern and not request.expectation and not head.upgrade


def _prompt(head: Head, match: Match) -> OfContent | None:
    """The handler, when the head and a content of known length are enough to answer."""
    handler = match.of_content
    return handler if handler and head.persistent and 0 < head.content <= handler.limit else None
