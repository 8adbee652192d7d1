"""The actions of the page, in one table."""

from __future__ import annotations

from collections.abc import Mapping

from clients.dns.exchange import Server, ask, question
from clients.trace import Trace
from services.console.actions import Action, Parameter, Yard

RECORD_TYPES = ("A", "AAAA", "NS", "SOA", "TXT", "PTR", "MX", "SRV", "CAA", "HTTPS", "ANY")


async def query(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """One question to the yard's resolver; the answer as dig would print it."""
    endpoint = yard.topology.endpoint("dns", yard.view)
    asked = question(given["name"], given["type"])
    trace.step("query", name=given["name"], type=given["type"], server=f"{endpoint.address}:{endpoint.port}")
    reply = await ask(Server(endpoint.address, endpoint.port), asked)
    trace.step("answer", rcode=reply.rcode, transport=reply.transport)
    return str(reply.message)


CATALOGUE: Mapping[str, Action] = {
    action.name: action
    for action in (
        Action(
            "dns",
            "ask the resolver",
            (Parameter("name", "http1.wireyard.test"), Parameter("type", "A", RECORD_TYPES)),
            "python -m clients.dns http1.wireyard.test A",
            query,
        ),
    )
}
