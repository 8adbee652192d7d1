"""How each HTTP/2 request is answered: worked out once for equal heads."""

from __future__ import annotations

from dataclasses import dataclass

from services.http.app.message import CONTINUE, Request, Response, problem
from services.http.app.routing import Immediate, Match
from services.http.reference.h2.headers import RequestHead
from services.http.reference.site import Site
from services.kit.pages import Datum, Known, Series

ENDED: Series = ("finish", "close")
ENDED_WELL = Known((None, {"rstCode": 0}))
"""The end of a stream both ways, and what is told of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a request head: worked out once for equal heads.

    `heard` are the journal's events of its coming, `answered` those of all its life where nothing comes
    between; `told` is what they tell. `simple` is the handler of a request that can be answered from its head
    alone.
    """

    request: Request
    match: Match | Response
    heard: Series
    answered: Series
    told: Known
    simple: Immediate | None

    @classmethod
    def of(
        cls,
        request: Request,
        match: Match | Response,
        event: str,
        seen: Datum,
        simple: Immediate | None = None,
    ) -> Plan:
        """A plan whose request is told of as `event`, with what was `seen`."""
        heard = ("stream", event)
        return cls(request, match, heard, heard + ENDED, Known((None, seen, *ENDED_WELL.data)), simple)


def plan_of(head: RequestHead, site: Site) -> Plan:
    """The plan for a request head."""
    request = request_of(head)
    match = site.router.match(request.method, request.path)
    seen = {
        "method": request.method,
        "target": request.target.decode("utf-8", "backslashreplace"),
        "version": request.version,
        "authority": request.authority,
    }
    expectation = request.expectation
    if expectation is None:
        simple = match.at_once(request) if isinstance(match, Match) and request.method != "HEAD" else None
        return Plan.of(request, match, "request", seen, simple)
    if expectation == CONTINUE:
        return Plan.of(request, match, "checkContinue", seen)
    refused = problem(417, f"the expectation {expectation} cannot be met")
    return Plan.of(request, refused, "checkExpectation", seen)


def request_of(head: RequestHead) -> Request:
    """The application's view of a request head."""
    authority = head.authority or next((value for name, value in head.fields if name == b"host"), b"")
    return Request(
        method=head.method.decode("ascii"),
        target=head.path or head.authority,
        version="2",
        scheme=head.scheme.decode("ascii").lower(),
        authority=authority.decode("latin-1"),
        fields=head.fields,
        protocol=head.protocol.decode("ascii") or None,
    )
