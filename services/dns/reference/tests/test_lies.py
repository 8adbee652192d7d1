"""Names that the control port has put under a lie."""

from __future__ import annotations

import pytest

from services.dns.reference.lies import LIES
from services.dns.reference.names import from_text
from services.dns.reference.tests.world import NOW, UDP, answer, make, query


@pytest.mark.parametrize("lie", LIES)
def test_a_name_under_a_lie_is_told_of_as_the_lies_own_names_are(lie: str) -> None:
    """As many messages, as late, from as odd a port, and never what is kept; afterwards the truth again."""
    server = make()
    honest = answer(query("records"), server=server)
    server.liar.put(from_text("records.wireyard.test."), lie)
    server.changed()
    by_control = server.respond(query("records"), UDP, NOW)
    by_name = server.respond(query(f"{lie}.lies"), UDP, NOW)
    assert by_control.reason == by_name.reason == f"a lie: {lie}"
    ways = [[(d.delay, d.other_port) for d in outcome.deliveries] for outcome in (by_control, by_name)]
    assert ways[0] == ways[1]
    assert server.quick(query("records"), server.cache) is None
    server.liar.told_of.clear()
    server.changed()
    assert answer(query("records"), server=server) == honest
