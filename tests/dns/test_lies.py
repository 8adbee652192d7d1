"""Lies on demand: what each of them looks like from the client, who must not be fooled."""

from __future__ import annotations

import time

import dns.edns
import pytest

from clients.dns import Server, ask, question, send_raw
from clients.dns.errors import BadResponseError, DNSError, TimedOutError
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.control import Control
from tests.dns.wire import ID, header, query_octets

feature = pytest.mark.feature
pytestmark = feature("lies")
SOON = 0.3


def lie(name: str) -> str:
    return f"{name}.lies.{DOMAIN}"


@pytest.mark.parametrize(
    ("name", "rcode"),
    [("servfail", 2), ("refused", 5), ("nxdomain", 3), ("formerr", 1), ("notimp", 4)],
)
async def test_a_code_without_cause(server: Server, name: str, rcode: int) -> None:
    """The code alone; with EDNS it says that it is forged (RFC 8914 4.5)."""
    answer = await send_raw(server, query_octets(lie(name)))
    assert answer is not None
    assert (header(answer).rcode, header(answer).answers) == (rcode, 0)
    reply = await ask(server, question(lie(name), payload=1232), "udp")
    assert any(isinstance(o, dns.edns.EDEOption) and o.code == 4 for o in reply.message.options)


async def test_silence(server: Server) -> None:
    """No answer at all, over UDP and TCP."""
    assert await send_raw(server, query_octets(lie("silent")), within=SOON) is None
    assert await send_raw(server, query_octets(lie("silent")), transport="tcp", within=SOON) is None


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_late_answer(server: Server, transport: str) -> None:
    """The truth, as late as the name says; others are not kept waiting."""
    began = time.monotonic()
    reply = await ask(server, question(lie("slow-250")), "tcp" if transport == "tcp" else "udp")
    assert time.monotonic() - began >= 0.25
    assert reply.values("A") == ["192.0.2.1"]


async def test_truncation_even_over_tcp(query: Ask) -> None:
    """A client that comes again over TCP finds TC set again, and must not loop."""
    reply = await query("truncated.lies", "A", "auto")
    assert (reply.transport, reply.truncated) == ("tcp", True)
    assert "tc" in reply.flags


@pytest.mark.parametrize("name", ["wrong-id", "wrong-question", "malformed", "junk"])
async def test_an_answer_that_must_not_be_believed(server: Server, name: str) -> None:
    """The client of this suite takes none of them."""
    with pytest.raises((TimedOutError, BadResponseError)):
        await ask(server, question(lie(name)), "udp", within=SOON)


async def test_the_wrong_id_is_wrong_by_every_bit(server: Server) -> None:
    """What the client did not believe."""
    answer = await send_raw(server, query_octets(lie("wrong-id")))
    assert answer is not None
    assert header(answer).id == ID ^ 0xFFFF


async def test_another_port_is_not_heard(server: Server) -> None:
    """A connected socket never sees an answer from elsewhere."""
    assert await send_raw(server, query_octets(lie("other-port")), within=SOON) is None


async def test_the_question_in_lower_case(server: Server) -> None:
    """What a client that mixes case (0x20) must notice."""
    octets = query_octets(f"WRONG-case.LIES.{DOMAIN}")
    answer = await send_raw(server, octets)
    assert answer is not None
    assert answer[12 : len(octets)] != octets[12:]
    assert answer[12 : len(octets)] == octets[12:].lower()


async def test_one_in_n_is_dropped(server: Server, unique: str) -> None:
    """Every third query for a name of its own."""
    octets = query_octets(lie(f"{unique}.drop-3"))
    came = [await send_raw(server, octets, within=SOON) is not None for _ in range(6)]
    assert came == [True, True, False, True, True, False]


async def test_rebinding(query: Ask, unique: str) -> None:
    """A public address first, then a loopback one, never to be kept."""
    replies = [await query(f"{unique}.rebind.lies") for _ in range(4)]
    assert [reply.values("A")[0] for reply in replies] == ["192.0.2.1", "127.0.0.1"] * 2
    assert all(reply.message.answer[0].ttl == 0 for reply in replies)


async def test_both_families_at_once(query: Ask) -> None:
    """AAAA records in an answer to A."""
    reply = await query("mixed.lies")
    assert (reply.values("A"), reply.values("AAAA")) == (["192.0.2.1"], ["2001:db8::1"])


async def test_a_thousand_records(query: Ask) -> None:
    """Too many for a datagram, fine on a connection."""
    reply = await query("many.lies")
    assert (reply.transport, len(reply.values("A"))) == ("tcp", 1000)
    assert len((await query("many-5.lies")).values("A")) == 5


async def test_aliases_in_a_ring_and_without_end(query: Ask, unique: str) -> None:
    """Two that point at each other; and a chain whose every link leads to a new name."""
    ring = await query("loop.lies")
    assert ring.values("CNAME") == [f"back.loop.lies.{DOMAIN}", f"loop.lies.{DOMAIN}"]
    name, seen = f"{unique}.endless.lies", set()
    for _ in range(5):
        (target,) = (await query(name)).values("CNAME")
        assert target not in seen
        seen.add(target)
        name = target


async def test_stale_data_says_so(query: Ask) -> None:
    """RFC 8767 4 and RFC 8914 4.4."""
    reply = await query("stale.lies", payload=1232)
    assert reply.message.answer[0].ttl == 30
    assert any(isinstance(o, dns.edns.EDEOption) and o.code == 3 for o in reply.message.options)


async def test_edns_turned_down(query: Ask) -> None:
    """RFC 6891 7: a server of old; without OPT it answers."""
    assert (await query("no-edns.lies", payload=1232)).rcode == "FORMERR"
    assert (await query("no-edns.lies")).values("A") == ["192.0.2.1"]


async def test_a_cookie_that_is_insisted_on(query: Ask) -> None:
    """RFC 7873 5.3: BADCOOKIE with a good cookie, and with that one it works."""
    first = await query("bad-cookie.lies", options=[dns.edns.CookieOption(b"abcdefgh", b"")])
    assert first.rcode == "BADCOOKIE"
    cookie = first.option(10)
    assert isinstance(cookie, dns.edns.CookieOption)
    assert (await query("bad-cookie.lies", options=[cookie])).values("A") == ["192.0.2.1"]


async def test_no_authority(query: Ask) -> None:
    """A lame server: NOERROR, no AA, nothing else."""
    reply = await query("lame.lies")
    assert (reply.rcode, reply.answer, reply.authority) == ("NOERROR", [], [])
    assert "aa" not in reply.flags


async def test_names_that_are_no_lie_do_not_exist(query: Ask) -> None:
    """And the apex lists the lies that there are."""
    assert (await query("no-such-lie.lies")).rcode == "NXDOMAIN"
    assert any("servfail" in text for text in (await query("lies", "TXT", "tcp")).values("TXT"))


async def test_any_name_can_be_put_under_a_lie(query: Ask, control: Control, unique: str) -> None:
    """The control port chooses name and lie, and takes it back."""
    name = f"{unique}.wild"
    assert (await query(name)).values("A") == ["192.0.2.42"]
    assert control.send("PUT", "/lies", {"name": name, "lie": "refused"}).status == 200
    assert (await query(name)).rcode == "REFUSED"
    assert control.send("DELETE", f"/lies?name={name}").status == 204
    assert (await query(name)).values("A") == ["192.0.2.42"]
    assert control.send("PUT", "/lies", {"name": name, "lie": "white"}).status == 400


async def test_a_lie_harms_no_other(query: Ask, server: Server) -> None:
    """While one asker waits for nothing, the next is served."""
    with pytest.raises(DNSError):
        await ask(server, question(lie("silent")), "udp", within=SOON)
    assert (await query("http1")).answer
