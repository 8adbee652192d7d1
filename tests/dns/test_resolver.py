"""Our resolver, with the names of Node's, and the operating system's."""

from __future__ import annotations

import asyncio
import json

import pytest

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
from tests.dns.conftest import DOMAIN
from tests.dns.control import Control

feature = pytest.mark.feature
RECORD = f"records.{DOMAIN}"


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
        """Time-out times tries, then ETIMEOUT."""
        resolver = Resolver(timeout=0.1, tries=2)
        resolver.set_servers([format_server(server)])
        began = asyncio.get_running_loop().time()
        with pytest.raises(TimedOutError):
            await resolver.resolve4(f"silent.lies.{DOMAIN}")
        assert 0.2 <= asyncio.get_running_loop().time() - began < 2.0

    @feature("lies", "run-time")
    async def test_a_failure_is_an_answer(self, server: Server, control: Control, unique: str) -> None:
        """SERVFAIL is told as it came, and no server is asked again, as in Node."""
        resolver = Resolver(timeout=2.0, tries=3)
        resolver.set_servers([format_server(server)] * 2)
        name = f"{unique}.servfail.lies.{DOMAIN}"
        with pytest.raises(ServerFailureError):
            await resolver.resolve4(name)
        told = await asyncio.to_thread(control.send, "GET", "/events?event=query")
        asked = [json.loads(line)["data"].get("name") for line in told.body.splitlines()]
        assert asked.count(name) == 1

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
