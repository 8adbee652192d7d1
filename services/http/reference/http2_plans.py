"""How each HTTP/2 request is answered: worked out once for equal heads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.http.app.message import CONTINUE, Request, Response, problem
from services.http.app.routing import Immediate, Match
from services.http.reference.h2.headers import RequestHead
from services.http.reference.site import Site


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a request head: worked out once for equal heads.

    `event` and `seen` are what the journal says of it; `simple` is the handler of a request that can be
    answered from its head alone.
    """

    request: Request
    match: Match | Response
    event: str
    seen: Mapping[str, object]
    simple: Immediate | None


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
        return Plan(request, match, "request", seen, simple)
    if expectation == CONTINUE:
        return Plan(request, match, "checkContinue", seen, None)
    refused = problem(417, f"the expectation {expectation} cannot be met")
    return Plan(request, refused, "checkExpectation", seen, None)


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
