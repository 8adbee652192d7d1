"""The same behaviour from Node's `dns` module as from our resolver."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from clients.dns import DNSError, Resolver, Server, lookup, lookup_service
from clients.dns.resolver import format_server
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.programs import need, run

feature = pytest.mark.feature
NODE = Path(__file__).parent / "node" / "resolve.mjs"
RECORD = f"records.{DOMAIN}"
LIES = (
    *("servfail", "refused", "nxdomain", "formerr", "notimp", "silent", "slow", "truncated", "wrong-id"),
    *("wrong-question", "wrong-case", "other-port", "drop", "malformed", "twice", "stale", "rebind"),
    *("mixed", "many", "lame", "no-edns", "bad-cookie"),
)
# Octets behind a message are no matter to c-ares, and an alias without an address is to it an empty answer.
READ_OTHERWISE = {"junk": (["192.0.2.1"], "EBADRESP"), "loop": ([], "ENODATA"), "endless": ([], "ENODATA")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(server: Server) -> Any:
    """What Node says to each of its methods: asked once, since it waits for what is never answered."""
    where = (server.address, str(server.port))
    return json.loads(await run(need("node"), str(NODE), *where, *LIES, *READ_OTHERWISE))


async def believed(server: Server, lie: str) -> object:
    """The addresses that our resolver takes from a lie, or the code of its error; of a name of its own."""
    resolver = Resolver(timeout=0.7, tries=1)
    resolver.set_servers([format_server(server)])
    try:
        return [
            found.address for found in await resolver.resolve4(f"{secrets.token_hex(6)}.{lie}.lies.{DOMAIN}")
        ]
    except DNSError as error:
        return error.code


class TestNode:
    """The same methods, from Node's `dns` module."""

    @feature("record-types")
    async def test_node_and_we_agree(self, node: Any, resolver: Resolver) -> None:
        """Every record of every type, field by field."""
        answers = node["answers"]
        for method, ours in (
            ("resolveMx", await resolver.resolve_mx(RECORD)),
            ("resolveSrv", await resolver.resolve_srv(RECORD)),
            ("resolveNaptr", await resolver.resolve_naptr(RECORD)),
            ("resolve4", await resolver.resolve4(RECORD)),
            ("resolve6", await resolver.resolve6(RECORD)),
        ):
            fields = [{k: v for k, v in dataclasses.asdict(record).items() if k != "type"} for record in ours]
            assert [{k: v for k, v in record.items() if k != "type"} for record in answers[method]] == fields
        assert answers["resolve"] == ["192.0.2.1"]
        assert answers["resolveCname"] == await resolver.resolve_cname(f"chain.{DOMAIN}")
        assert answers["resolveNs"] == await resolver.resolve_ns(DOMAIN)
        assert answers["resolveSoa"]["serial"] == (await resolver.resolve_soa(DOMAIN)).serial
        assert answers["resolveCaa"][0]["issuewild"] == ";"
        assert answers["resolveTxt"][0][:2] == ["one", "two words"]
        assert answers["resolveAny"][0]["address"] == "192.0.2.1"

    @feature("record-types", "reverse")
    async def test_the_way_back_is_the_same(self, node: Any, query: Ask, resolver: Resolver) -> None:
        """The name of the vault's address; and those of 127.0.0.1, or the same error for want of its zone."""
        (known,) = (await query("vault")).values("A")
        assert (
            set(node["answers"]["reverse"]) == set(await resolver.reverse(known)) == {"vault.wireyard.test"}
        )
        try:
            ours: object = sorted(await resolver.reverse("127.0.0.1"))
        except DNSError as error:
            ours = error.code
        said = node["answers"]["resolvePtr"]
        assert (sorted(said) if isinstance(said, list) else said) == ours

    @feature("lies")
    async def test_node_and_we_believe_the_same(self, node: Any, server: Server) -> None:
        """Of every lie the same addresses or the same error, but where the two read otherwise."""
        ours = dict(zip(LIES, await asyncio.gather(*(believed(server, lie) for lie in LIES)), strict=True))
        assert {lie: node["lies"][lie] for lie in LIES} == ours
        for lie, (nodes, own) in READ_OTHERWISE.items():
            assert (node["lies"][lie], await believed(server, lie)) == (nodes, own)

    @feature("truncation", "reflect")
    async def test_servers_local_address_and_tcp(self, node: Any, server: Server, resolver: Resolver) -> None:
        """Whom it asks, from where, and once more over TCP for what UDP does not hold."""
        assert node["servers"] == [format_server(server)] == resolver.get_servers()
        assert node["large"] == len(await resolver.resolve_txt(f"larger.{DOMAIN}")) == 40
        if server.address.startswith("127."):
            assert node["local"] == [["127.0.0.9"]]

    async def test_the_operating_system_tells_node_and_us_the_same(self, node: Any) -> None:
        """lookup and lookupService, where no server of ours is asked."""
        addresses = [dataclasses.asdict(found) for found in await lookup("localhost")]
        assert sorted(node["lookup"], key=str) == sorted(addresses, key=str)
        assert node["lookupService"] == dataclasses.asdict(await lookup_service("127.0.0.1", 80))

    @feature("lies", "negative")
    async def test_node_has_the_same_names_for_errors(self, node: Any) -> None:
        """Each code where it is due."""
        assert node["errors"] == {code: code for code in node["errors"]}
        assert node["lookup"][0]["address"] in ("127.0.0.1", "::1")
