"""Names: aliases, wildcards, redirections, delegations, letter case (RFC 1034, 4592, 6672, 4343)."""

from __future__ import annotations

import pytest

from clients.dns import Server, send_raw
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.wire import header, query_octets

rfc, feature = pytest.mark.rfc, pytest.mark.feature


class TestRFC1034Aliases:
    """3.6.2. Aliases and canonical names."""

    @feature("alias")
    @rfc("1034", "3.6.2")
    async def test_a_chain_is_followed_to_its_end(self, query: Ask) -> None:
        """All links come in order, and the data behind the last."""
        owners = [line.split()[0].removesuffix(f".{DOMAIN}") for line in (await query("chain")).answer]
        assert owners == ["chain", "chain-2", "chain-3", "records"]

    @feature("alias")
    @rfc("1034", "3.6.2")
    async def test_a_query_for_the_alias_itself_stops_there(self, query: Ask) -> None:
        """CNAME and ANY are not followed."""
        assert (await query("chain", "CNAME")).values("CNAME") == [f"chain-2.{DOMAIN}"]

    @feature("alias")
    @rfc("6604", "3")
    async def test_an_alias_to_nowhere_is_nxdomain(self, query: Ask) -> None:
        """The code tells of the last name in the chain."""
        reply = await query("dangling")
        assert reply.rcode == "NXDOMAIN"
        assert reply.values("CNAME") == [f"missing.{DOMAIN}"]

    @feature("alias")
    async def test_an_alias_that_leads_out_ends_there(self, query: Ask) -> None:
        """What lies outside the zones is left to the asker."""
        reply = await query("outside")
        assert (reply.rcode, reply.values("CNAME")) == ("NOERROR", ["www.example.com."])

    @feature("alias")
    @rfc("1034", "3.6.2")
    async def test_aliases_in_a_ring_end(self, query: Ask) -> None:
        """The server neither hangs nor repeats for ever."""
        assert len((await query("circle")).answer) <= 16


class TestRFC4592Wildcards:
    """2.2 and 3.3: names made from `*`."""

    @feature("wildcard")
    @rfc("4592", "3.3.1")
    @pytest.mark.parametrize("asked", ["x.wild", "x.y.wild", "X.wild"])
    async def test_a_name_below_the_wildcard_is_made(self, query: Ask, asked: str) -> None:
        """The owner of the answer is the name asked for."""
        reply = await query(asked)
        assert reply.values("A") == ["192.0.2.42"]
        assert reply.message.answer[0].name.to_text().lower() == f"{asked.lower()}.{DOMAIN}"

    @feature("wildcard")
    @rfc("4592", "2.2.1")
    async def test_an_existing_name_blocks_the_wildcard(self, query: Ask) -> None:
        """`exact.wild` exists: no A for it, and nothing at all below it."""
        assert (await query("exact.wild")).answer == []
        assert (await query("below.exact.wild")).rcode == "NXDOMAIN"

    @feature("wildcard")
    @rfc("4592", "2.2.2")
    async def test_an_empty_non_terminal_exists(self, query: Ask) -> None:
        """Its child makes it a name: no data, but not NXDOMAIN."""
        assert (await query("a.empty")).rcode == "NOERROR"
        assert (await query("b.empty")).rcode == "NXDOMAIN"


class TestRFC6672Redirection:
    """3. Server algorithm for DNAME."""

    @feature("dname")
    @rfc("6672", "3.1")
    async def test_names_below_are_redirected(self, query: Ask) -> None:
        """The DNAME, a CNAME made from it, and the data at the new name."""
        reply = await query("host.old")
        assert reply.values("DNAME") == [f"new.{DOMAIN}"]
        assert reply.values("CNAME") == [f"host.new.{DOMAIN}"]
        assert reply.values("A") == ["192.0.2.77"]


class TestRFC1034Delegation:
    """4.2.1 and 4.3.2 step 3b."""

    @feature("delegation")
    @rfc("1034", "4.3.2")
    @pytest.mark.parametrize("asked", ["child", "www.child", "ns.child"])
    async def test_what_is_delegated_is_referred(self, query: Ask, asked: str) -> None:
        """No AA, the name servers of the cut, and glue for those inside it (RFC 9471 2.1)."""
        reply = await query(asked)
        assert (reply.rcode, reply.answer) == ("NOERROR", [])
        assert "aa" not in reply.flags
        assert sorted(line.split()[-1] for line in reply.authority if " NS " in line) == [
            f"ns.child.{DOMAIN}",
            "ns.elsewhere.example.",
        ]
        assert {line.split()[-1] for line in reply.additional} == {"192.0.2.53", "2001:db8::53"}

    @feature("delegation")
    @rfc("4035", "3.1.4.1")
    async def test_ds_is_answered_by_the_parent(self, query: Ask) -> None:
        """The DS records of a cut belong to the zone above it."""
        reply = await query("child", "DS")
        assert "aa" in reply.flags
        assert len(reply.values("DS")) == 1


class TestRFC4343Case:
    """Names compare without regard to ASCII case; the spelling is kept."""

    @feature("case")
    @rfc("4343", "4.1")
    async def test_the_question_comes_back_as_it_was_spelled(self, server: Server) -> None:
        """Resolvers mix the case to recognise forged answers (0x20)."""
        for spelling in (f"hTTp1.{DOMAIN}", f"HTTP1.{DOMAIN.upper()}", f"http1.{DOMAIN}"):
            octets = query_octets(spelling)
            answer = await send_raw(server, octets)
            assert answer is not None
            assert answer[12 : len(octets)] == octets[12:]
            assert header(answer).answers == 1

    @feature("case")
    @rfc("4343", "4.1")
    async def test_case_of_data_is_kept(self, query: Ask) -> None:
        """What the zone writes in capitals stays in capitals."""
        assert (await query("upper", "TXT")).values("TXT") == ['"Case Kept"']
