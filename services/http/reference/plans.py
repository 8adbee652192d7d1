"""How each head is answered: read and routed once, then remembered by its exact bytes.

Clients repeat themselves. A head that has been found right, byte for byte, is right again; the memory is
bounded in number and in size, and holds nothing that depends on the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    that ends its connection.
    """

    head: Head
    request: Request
    match: Match | Response
    facts: Mapping[str, object]
    simple: Immediate | None
    last: Immediate | None


class Plans:
    """Plans by the bytes of the head."""

    def __init__(self, router: Router, scheme: str, limits: Limits) -> None:
        self._router, self._scheme, self._limits = router, scheme, limits
        self.known: dict[bytes, Plan] = {}
        """Heads met before, whole messages all of them: those whose plan is `simple`."""
        self._others: dict[bytes, Plan] = {}

    def read(self, raw: bytes) -> Plan:
        """The plan for a whole head. Raises BadMessage."""
        plan = self.known.get(raw) or self._others.get(raw)
        if plan is None:
            plan = self._make(raw)
            if len(raw) <= LONGEST:
                memory = self._others if plan.simple is None else self.known
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
        immediate = _immediate(head, match)
        simple, last = (immediate, None) if head.persistent else (None, immediate)
        return Plan(head, request, match, facts, simple, last)


def _immediate(head: Head, match: Match | Response) -> Immediate | None:
    """The handler, when nothing about the request is out of the ordinary."""
    plain = head.content == NONE and not head.request.expectation and not head.upgrade
    if not plain or head.request.version != "1.1" or head.request.method == "HEAD":
        return None
    if isinstance(match, Response):
        return None
    return match.immediate
