"""Resolvers side by side: ours with Node's names, and Node's own."""

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
from clients.dns.cli import main
from clients.dns.errors import (
    BadNameError,
    CancelledError,
    NoDataError,
    NoServerError,
    NotFoundError,
    QueryRefusedError,
    ServerFailureError,
    TimedOutError,
)
from clients.dns.resolver import format_server
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.programs import need, run

feature = pytest.mark.feature
NODE = Path(__file__).parent / "node" / "resolve.mjs"
RECORD = f"records.{DOMAIN}"
LIES = (
    *("servfail", "refused", "nxdomain", "formerr", "notimp", "silent", "slow", "truncated", "wrong-id"),
    *(
        "wrong-question",
        "wrong-case",
        "other-port",
        "drop",
        "malformed",
        "twice",
        "stale",
        "rebind",
        "mixed",
        "many",
    ),
    *("lame", "no-edns", "bad-cookie"),
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


class TestOurResolver:
    """The client's methods, under the names of Node's `dns`."""

    @feature("record-types")
    async def test_every_method(self, resolver: Resolver) -> None:
        """Typed answers in Node's shapes."""
        (four,), (six,) = await resolver.resolve4(RECORD), await resolver.resolve6(RECORD)
        assert (four.address, four.ttl, six.address) == ("192.0.2.1", 300, "2001:db8::1")
        (mail,) = await resolver.resolve_mx(RECORD)
        assert (mail.exchange, mail.priority) == ("mail.wireyard.test", 10)
        (place,) = await resolver.resolve_srv(RECORD)
        assert (place.name, place.port, place.priority, place.weight) == ("https.wireyard.test", 443, 1, 2)
        (caa,) = await resolver.resolve_caa(RECORD)
        assert (caa.critical, caa.tag, caa.value) == (0, "issuewild", ";")
        (naptr,) = await resolver.resolve_naptr(RECORD)
        assert (naptr.flags, naptr.service, naptr.replacement) == ("S", "SIP+D2T", "_sip._tcp.wireyard.test")
        assert (await resolver.resolve_txt(RECORD))[0][:2] == ("one", "two words")
        assert await resolver.resolve_cname(f"chain.{DOMAIN}") == ["chain-2.wireyard.test"]
        assert await resolver.resolve_ns(DOMAIN) == ["dns.wireyard.test"]
        assert (await resolver.resolve_soa(DOMAIN)).nsname == "dns.wireyard.test"
        assert await resolver.resolve_any(RECORD)

    @feature("reverse")
    async def test_an_address_and_its_names(self, resolver: Resolver) -> None:
        """What a role resolves to, resolves back."""
        (address,) = await resolver.resolve4(f"http1.{DOMAIN}")
        assert "http1.wireyard.test" in await resolver.reverse(address.address)
        with pytest.raises(BadNameError):
            await resolver.reverse("no address")

    @feature("negative")
    async def test_errors_have_names(self, resolver: Resolver) -> None:
        """ENOTFOUND, ENODATA, EREFUSED and EBADNAME, each a type of its own."""
        for name, error, code in (
            (f"nowhere.{DOMAIN}", NotFoundError, "ENOTFOUND"),
            (f"exact.wild.{DOMAIN}", NoDataError, "ENODATA"),
            ("www.example.com.", QueryRefusedError, "EREFUSED"),
            ("a..b", BadNameError, "EBADNAME"),
        ):
            with pytest.raises(error) as caught:
                await resolver.resolve4(name)
            assert caught.value.code == code

    @feature("lies")
    async def test_silence_is_waited_for_as_often_as_told(self, server: Server) -> None:
        """Time-out times tries, then ETIMEOUT; SERVFAIL goes on to the next server."""
        resolver = Resolver(timeout=0.1, tries=2)
        resolver.set_servers([format_server(server)])
        began = asyncio.get_running_loop().time()
        with pytest.raises(TimedOutError):
            await resolver.resolve4(f"silent.lies.{DOMAIN}")
        assert 0.2 <= asyncio.get_running_loop().time() - began < 2.0
        with pytest.raises(ServerFailureError):
            await resolver.resolve4(f"servfail.lies.{DOMAIN}")

    @feature("lies")
    async def test_a_question_can_be_cancelled(self, resolver: Resolver) -> None:
        """ECANCELLED for what waits; the resolver itself goes on."""
        waiting = asyncio.ensure_future(resolver.resolve4(f"slow-2000.lies.{DOMAIN}"))
        asyncio.get_running_loop().call_later(0.05, resolver.cancel)
        with pytest.raises(CancelledError):
            await waiting
        assert await resolver.resolve4(f"http1.{DOMAIN}")

    @feature("authoritative")
    async def test_a_dead_server_is_passed_over(self, server: Server, unused_tcp_port: int) -> None:
        """The second server answers where the first does not listen; alone, the first is ECONNREFUSED."""
        resolver = Resolver(timeout=0.5, tries=1)
        resolver.set_servers([f"127.0.0.1:{unused_tcp_port}", format_server(server)])
        assert await resolver.resolve4(f"http1.{DOMAIN}")
        resolver.set_servers([f"127.0.0.1:{unused_tcp_port}"])
        with pytest.raises(NoServerError):
            await resolver.resolve4(f"http1.{DOMAIN}")

    @feature("reflect")
    async def test_the_local_address_is_the_one_set(self, server: Server, resolver: Resolver) -> None:
        """setLocalAddress decides where the question comes from."""
        if not server.address.startswith("127."):
            pytest.skip("only loopback has addresses to choose from")
        resolver.set_local_address("127.0.0.9")
        assert (await resolver.resolve_txt(f"address.reflect.{DOMAIN}")) == [("127.0.0.9",)]

    async def test_servers_are_set_and_told(self) -> None:
        """Ports other than 53 are written, IPv6 addresses in brackets then."""
        resolver = Resolver()
        resolver.set_servers(
            ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53", "[2001:db8::1]:54"]
        )
        assert resolver.get_servers() == [
            "192.0.2.1",
            "192.0.2.1:5353",
            "2001:db8::1",
            "2001:db8::1",
            "[2001:db8::1]:54",
        ]
        for text in ("name", "192.0.2.1:0", "[::1]:x"):
            with pytest.raises(ValueError, match=r"."):
                resolver.set_servers([text])


class TestCommandLine:
    """`python -m clients.dns` prints what crossed the wire."""

    @feature("authoritative", "reverse")
    @pytest.mark.parametrize(
        ("words", "printed"),
        [
            ([f"http1.{DOMAIN}"], "IN A "),
            ([RECORD, "MX", "--transport", "tcp"], "over tcp"),
            ([f"larger.{DOMAIN}", "TXT"], "after a truncated answer"),
            ([f"nowhere.{DOMAIN}", "--payload", "1232"], "NXDOMAIN"),
            (["127.0.0.1"], "in-addr.arpa"),
        ],
    )
    async def test_an_answer_is_printed(
        self, server: Server, words: list[str], printed: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Status, flags, then one record a line."""
        code = await asyncio.to_thread(main, [*words, "--server", format_server(server)])
        assert (code, printed in capsys.readouterr().out) == (0, True)

    @feature("lies")
    async def test_an_error_is_one_line(self, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
        """1 for what the network denies, 2 for what cannot be asked."""
        words = [f"silent.lies.{DOMAIN}", "--server", format_server(server), "--timeout", "0.1"]
        assert await asyncio.to_thread(main, words) == 1
        assert "ETIMEOUT" in capsys.readouterr().err
        assert await asyncio.to_thread(main, ["a", "--server", "nowhere"]) == 2


class TestOperatingSystem:
    """lookup and lookupService: files and the system's resolver, not DNS as such."""

    async def test_localhost_is_not_asked_of_any_server(self, resolver: Resolver) -> None:
        """RFC 6761 6.3: the system knows it; the yard's name server is not responsible for it."""
        assert {found.address for found in await lookup("localhost")} & {"127.0.0.1", "::1"}
        with pytest.raises(DNSError):
            await resolver.resolve4("localhost.")

    async def test_families_and_addresses(self) -> None:
        """An address is its own answer; a family keeps the others out."""
        assert [(found.address, found.family) for found in await lookup("192.0.2.7")] == [("192.0.2.7", 4)]
        assert all(found.family == 4 for found in await lookup("localhost", 4))
        with pytest.raises(ValueError, match="family"):
            await lookup("localhost", 5)
        with pytest.raises(NotFoundError):
            await lookup("nothing.invalid")

    async def test_a_port_has_a_name(self) -> None:
        """lookupService gives both names; what is no address is refused."""
        assert (await lookup_service("127.0.0.1", 80)).service == "http"
        with pytest.raises(ValueError, match="address"):
            await lookup_service("localhost", 80)


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
