"""EDNS(0): sizes, versions, options, cookies, extended errors."""

from __future__ import annotations

import dns.edns
import dns.flags
import pytest

from clients.dns import Server, ask, question, send_raw
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.wire import header, opt, option, packet
from tests.dns.wire import question as octets

rfc, feature = pytest.mark.rfc, pytest.mark.feature

COOKIE, EDE, PADDING, NSID = 10, 15, 12, 3
NAME = f"http1.{DOMAIN}"


class TestRFC6891:
    """6. The OPT pseudo-RR."""

    @feature("edns")
    @rfc("6891", "6.1.1")
    async def test_opt_answers_opt_and_only_opt(self, query: Ask) -> None:
        """An answer has an OPT record exactly if the query has one."""
        assert (await query("http1")).message.edns == -1
        assert (await query("http1", payload=1232)).message.edns == 0

    @feature("edns")
    @rfc("6891", "6.1.3")
    async def test_a_later_version_is_badvers(self, server: Server) -> None:
        """BADVERS, with the version that the server speaks, and no data."""
        query = question(NAME)
        query.use_edns(1)
        reply = await ask(server, query)
        assert (reply.rcode, reply.message.edns, reply.answer) == ("BADVERS", 0, [])

    @feature("edns")
    @rfc("6891", "6.1.2")
    async def test_unknown_options_and_flags_are_ignored(self, query: Ask) -> None:
        """What is not understood must be ignored, and does not come back."""
        reply = await query(
            "http1", options=[dns.edns.GenericOption(dns.edns.OptionType.make(65001), b"\xff" * 40)]
        )
        assert (reply.rcode, len(reply.answer)) == ("NOERROR", 1)
        assert reply.option(65001) is None

    @feature("edns")
    @rfc("6891", "6.1.4")
    async def test_unknown_flags_are_ignored(self, server: Server) -> None:
        """The Z bits of the OPT record are zero in the answer."""
        answer = await send_raw(server, packet(octets(NAME) + opt(flags=0x7FFF), (1, 0, 0, 1)))
        assert answer is not None
        assert header(answer).answers == 1
        assert answer[-4:-2] == b"\0\0"

    @feature("edns")
    @rfc("3225", "3")
    async def test_the_do_bit_comes_back(self, server: Server) -> None:
        """The answer repeats DO, whether or not there are signatures."""
        reply = await ask(server, question(NAME, dnssec_ok=True))
        assert reply.message.ednsflags & dns.flags.DO

    @feature("edns", "truncation")
    @rfc("6891", "6.2.3")
    @pytest.mark.parametrize(("payload", "fits"), [(None, False), (100, False), (512, False), (1232, True)])
    async def test_the_size_that_the_asker_takes_is_kept(
        self, query: Ask, payload: int | None, fits: bool
    ) -> None:
        """Sixty addresses take some 1000 octets; sizes under 512 count as 512."""
        reply = await query("large", "A", "udp", payload=payload)
        assert ("tc" in reply.flags) is not fits
        assert len(reply.message.wire or b"") <= max(payload or 512, 512)
        assert len(reply.values("A")) in (0, 60)

    @feature("edns")
    @rfc("6891", "7")
    async def test_an_error_still_carries_opt(self, query: Ask) -> None:
        """Whoever uses EDNS gets it in every answer that can have it."""
        assert (await query("www.example.com.", payload=1232)).message.edns == 0


class TestRFC7873Cookies:
    """5. Cookies, in the form of RFC 9018 where the implementation is ours."""

    @feature("cookies")
    @rfc("7873", "5.2.3")
    async def test_a_client_cookie_is_answered_with_a_server_cookie(self, query: Ask) -> None:
        """The client's eight octets come back, with 8 to 32 of the server's."""
        reply = await query("http1", options=[dns.edns.CookieOption(b"abcdefgh", b"")])
        cookie = reply.option(COOKIE)
        assert isinstance(cookie, dns.edns.CookieOption)
        assert cookie.client == b"abcdefgh"
        assert 8 <= len(cookie.server) <= 32

    @feature("cookies")
    @rfc("7873", "5.2.5")
    async def test_a_valid_cookie_is_kept(self, query: Ask) -> None:
        """A server cookie that was just given is accepted and given again."""
        first = (await query("http1", options=[dns.edns.CookieOption(b"abcdefgh", b"")])).option(COOKIE)
        assert isinstance(first, dns.edns.CookieOption)
        second = (await query("http1", options=[first])).option(COOKIE)
        assert second == first

    @feature("cookies")
    @rfc("7873", "5.2.4")
    async def test_a_false_server_cookie_is_replaced(self, query: Ask) -> None:
        """It is treated as none at all."""
        reply = await query("http1", options=[dns.edns.CookieOption(b"abcdefgh", b"x" * 16)])
        cookie = reply.option(COOKIE)
        assert isinstance(cookie, dns.edns.CookieOption)
        assert cookie.server != b"x" * 16
        assert reply.rcode in ("NOERROR", "BADCOOKIE")

    @feature("cookies")
    @rfc("7873", "5.4")
    async def test_a_cookie_alone_is_a_question(self, server: Server) -> None:
        """No question, one COOKIE option: the answer is a cookie."""
        answer = await send_raw(server, packet(opt(options=option(COOKIE, b"abcdefgh")), (0, 0, 0, 1)))
        assert answer is not None
        assert (header(answer).rcode, header(answer).questions) == (0, 0)
        assert b"abcdefgh" in answer


class TestRFC8914ExtendedErrors:
    """2. The reason for a refusal, in words and a number."""

    @feature("extended-errors")
    @rfc("8914", "4.21")
    async def test_a_foreign_name_is_not_authoritative(self, query: Ask) -> None:
        """REFUSED with code 20."""
        reply = await query("www.example.com.", payload=1232)
        error = reply.option(EDE)
        assert isinstance(error, dns.edns.EDEOption)
        assert error.code == 20

    @feature("extended-errors")
    @rfc("8914", "2")
    async def test_without_edns_there_is_no_extended_error(self, query: Ask) -> None:
        """An option needs an OPT record to stand in."""
        assert (await query("www.example.com.")).message.edns == -1


class TestOptions:
    """Options that an answer carries because the query asked for them."""

    @feature("nsid")
    @rfc("5001", "2.3")
    async def test_the_server_says_its_name(self, query: Ask) -> None:
        """NSID only for those who ask."""
        reply = await query("http1", options=[dns.edns.GenericOption(dns.edns.OptionType.make(NSID), b"")])
        assert reply.option(NSID) is not None
        assert (await query("http1", payload=1232)).option(NSID) is None

    @feature("padding-in-the-clear")
    @rfc("7830", "4")
    @rfc("8467", "4.1")
    async def test_a_padded_query_gets_a_padded_answer(self, query: Ask) -> None:
        """Whole blocks of 468 octets on a connection."""
        reply = await query(
            "http1",
            "A",
            "tcp",
            options=[dns.edns.GenericOption(dns.edns.OptionType.make(PADDING), bytes(20))],
        )
        assert len(reply.message.wire or b"") % 468 == 0
        assert (await query("http1", "A", "tcp", payload=1232)).option(PADDING) is None
