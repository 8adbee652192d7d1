"""DNS over HTTPS from a DNS client's side: the HTTP roles answer as the dns role does."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.dns import Server, ask, question
from clients.dns.errors import BadResponseError
from lab.topology import Endpoint
from tests.dns.conftest import DOMAIN, Ask

rfc = pytest.mark.rfc
pytestmark = [pytest.mark.role("h2"), pytest.mark.feature("dns-over-https", role="h2")]


@pytest.fixture
def doh(endpoint: Callable[..., Endpoint], ca: Path) -> Server:
    """Where HTTP/2 over TLS is served."""
    where = endpoint("h2")
    return Server(where.address, where.port, where.authority, ssl.create_default_context(cafile=ca))


@rfc("8484", "5.2")
@pytest.mark.parametrize(
    ("name", "rrtype"), [("records", "MX"), ("chain", "A"), ("larger", "TXT"), ("nowhere", "A")]
)
async def test_the_answers_are_those_of_the_name_server(
    doh: Server, query: Ask, name: str, rrtype: str
) -> None:
    """Over HTTP/2, the version that RFC 8484 recommends; nothing is truncated."""
    over_https = await ask(doh, question(f"{name}.{DOMAIN}", rrtype), "https")
    plain = await query(name, rrtype, "tcp")
    assert (over_https.rcode, over_https.answer) == (plain.rcode, plain.answer)


async def test_an_answer_that_is_withheld_is_an_error_and_no_hang(doh: Server) -> None:
    """The lie of silence ends the stream, and the next question is answered."""
    with pytest.raises(BadResponseError):
        await ask(doh, question(f"silent.lies.{DOMAIN}"), "https", within=5)
    assert (await ask(doh, question(f"http1.{DOMAIN}"), "https")).rcode == "NOERROR"
