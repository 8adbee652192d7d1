"""Whoever asks reads the same: dig, kdig, curl and a container's own stub; for Node see test_resolver."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import dns.message
import dns.rdatatype
import pytest

from clients.dns import Server, lookup, question
from lab.topology import ROLES, Endpoint
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.programs import need, run
from tests.dns.test_answers import RECORDS

feature = pytest.mark.feature
# Every type of the yard's zone, and where there is one.
TYPES = {
    **dict.fromkeys(RECORDS, f"records.{DOMAIN}"),
    "CNAME": f"chain.{DOMAIN}",
    "DNAME": f"old.{DOMAIN}",
    "DS": f"child.{DOMAIN}",
    "NS": DOMAIN,
    "SOA": DOMAIN,
}
_GENERIC = re.compile(r"\\# (\d+) ([0-9A-Fa-f ]+)$", re.MULTILINE)


def generic(printed: str) -> set[bytes]:
    r"""Record data that a program has printed as `\# LENGTH HEX` (RFC 3597 5)."""
    found = {bytes.fromhex(octets): int(length) for length, octets in _GENERIC.findall(printed)}
    assert all(len(data) == length for data, length in found.items()), printed
    return set(found)


def octets(message: dns.message.Message, rrtype: str) -> set[bytes]:
    """The data of the answer's records of a type, names whole."""
    wanted = dns.rdatatype.from_text(rrtype)
    return {rdata.to_wire() or b"" for rrset in message.answer if rrset.rdtype == wanted for rdata in rrset}


class TestEveryType:
    """Record data of each type, octet for octet, as three programs read it beside ours."""

    @feature("record-types")
    @pytest.mark.parametrize("rrtype", TYPES)
    @pytest.mark.parametrize(("program", "form"), [("dig", "+unknownformat"), ("kdig", "+generic")])
    async def test_dig_and_kdig(
        self, server: Server, query: Ask, program: str, form: str, rrtype: str
    ) -> None:
        """They read with codecs of their own (BIND's and knot's), and print what they have read."""
        name = TYPES[rrtype]
        where = (f"@{server.address}", "-p", str(server.port))
        printed = await run(need(program), *where, "+noall", "+answer", form, "-t", rrtype, name)
        ours = octets((await query(name, rrtype, "tcp")).message, rrtype)
        assert ours
        assert generic(printed) == ours

    @pytest.mark.role("h2")
    @pytest.mark.feature("dns-over-https", role="h2")
    @pytest.mark.parametrize(
        "rrtype", sorted(TYPES.keys() - {"SOA"})
    )  # which counts the changes of each process
    async def test_curl(
        self, endpoint: Callable[..., Endpoint], ca: Path, query: Ask, tmp_path: Path, rrtype: str
    ) -> None:
        """It carries the message over HTTP/2, and the answer is the same."""
        where, name = endpoint("h2"), TYPES[rrtype]
        asked = tmp_path / "query"
        asked.write_bytes(question(name, rrtype).to_wire())
        words = ["-sS", "--fail", "--cacert", str(ca), "-H", "content-type: application/dns-message"]
        words += ["--connect-to", f"::{where.address}:{where.port}", "--data-binary", f"@{asked}"]
        argv = [need("curl"), *words, f"https://{where.authority}/dns-query"]
        done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, check=True)
        ours = octets((await query(name, rrtype, "tcp")).message, rrtype)
        assert octets(dns.message.from_wire(done.stdout), rrtype) == ours


class TestStub:
    """A container asks through the C library and the engine's own resolver, never naming a server."""

    @feature("stub")
    @pytest.mark.parametrize("subject", ROLES)
    async def test_it_has_the_addresses_that_the_name_server_tells(self, query: Ask, subject: str) -> None:
        """Both families, as getaddrinfo(3) gives them."""
        told = {*(await query(subject)).values("A"), *(await query(subject, "AAAA")).values("AAAA")}
        assert {found.address for found in await lookup(f"{subject}.{DOMAIN}")} == told

    @feature("stub")
    async def test_it_follows_aliases_and_wildcards(self, query: Ask) -> None:
        """RFC 1034 3.6.2, RFC 4592."""
        for name in ("chain", "any.wild"):
            told = {*(await query(name)).values("A"), *(await query(name, "AAAA")).values("AAAA")}
            assert {found.address for found in await lookup(f"{name}.{DOMAIN}")} == told
