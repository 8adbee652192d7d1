"""UDP and TCP: truncation, pipelining, half-close, silence (RFC 7766)."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal

import pytest

from clients.dns import Server, ask
from clients.dns import question as asking
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.wire import header, packet, query_octets, question

if TYPE_CHECKING:
    from tests.support.yard import Yard

rfc, feature = pytest.mark.rfc, pytest.mark.feature

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def stream(server: Server) -> AsyncIterator[Stream]:
    """A TCP connection to the server under test."""
    reader, writer = await asyncio.open_connection(server.address, server.port)
    yield reader, writer
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2) + message


async def read(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))


@pytest.fixture
def over_ipv6(yard: Yard, server: Server) -> Server:
    """The server's port on its IPv6 address."""
    return Server(yard.ipv6("dns"), server.port)


class TestRFC3596:
    """2.2. IPv6, which carries the questions too."""

    @feature("ipv6")
    @rfc("3596", "2.2")
    @pytest.mark.parametrize("transport", ["udp", "tcp"])
    async def test_the_answers_are_the_same_over_ipv6(
        self, over_ipv6: Server, query: Ask, transport: Literal["udp", "tcp"]
    ) -> None:
        """Each type of record, asked of the server's IPv6 address."""
        for rrtype in ("A", "AAAA", "MX", "TXT", "HTTPS"):
            reply = await ask(over_ipv6, asking(f"records.{DOMAIN}", rrtype), transport)
            assert reply.values(rrtype) == (await query("records", rrtype)).values(rrtype)

    @feature("ipv6", "dns-over-tls")
    @rfc("7858", "3.3")
    async def test_and_inside_tls(self, yard: Yard, over_tls: Server) -> None:
        """The certificate names the server, not its address."""
        where = dataclasses.replace(over_tls, address=yard.ipv6("dns"))
        reply = await ask(where, asking(f"records.{DOMAIN}", "MX"), "tls")
        assert reply.values("MX") == [f"10 mail.{DOMAIN}"]

    @feature("ipv6", "reflect")
    async def test_who_asks_over_ipv6_is_told_so(self, over_ipv6: Server) -> None:
        """An IPv6 address, in AAAA and as text."""
        asked = (asking(f"address.reflect.{DOMAIN}", rrtype) for rrtype in ("AAAA", "TXT"))
        (address,), (text,) = [
            reply.values(rrtype)
            for rrtype, reply in zip(("AAAA", "TXT"), [await ask(over_ipv6, q) for q in asked], strict=True)
        ]
        assert (":" in address, text) == (True, f'"{address}"')


class TestRFC7766:
    """DNS transport over TCP."""

    @feature("truncation", "tcp")
    @rfc("7766", "5")
    @rfc("2181", "9")
    @pytest.mark.parametrize(("name", "rrtype", "count"), [("large", "A", 60), ("larger", "TXT", 40)])
    async def test_what_is_truncated_is_whole_over_tcp(
        self, query: Ask, name: str, rrtype: str, count: int
    ) -> None:
        """UDP says TC and the client comes again."""
        reply = await query(name, rrtype)
        assert (reply.truncated, reply.transport) == (True, "tcp")
        assert len(reply.values(rrtype)) == count

    @feature("truncation")
    @rfc("1035", "4.1.1")
    async def test_a_truncated_answer_keeps_its_question(self, query: Ask) -> None:
        """Clients match answers by the question; without it they cannot come again."""
        reply = await query("larger", "TXT", "udp")
        assert reply.message.question[0].name.to_text() == f"larger.{DOMAIN}"

    @feature("tcp")
    @rfc("7766", "6.2.1")
    async def test_one_connection_serves_many_queries(self, stream: Stream) -> None:
        """One after the other."""
        reader, writer = stream
        for number in range(5):
            writer.write(framed(packet(question(f"http1.{DOMAIN}"), message_id=number)))
            answer = await read(reader)
            assert (header(answer).id, header(answer).answers) == (number, 1)

    @feature("tcp")
    @rfc("7766", "6.2.1.1")
    async def test_queries_may_be_sent_without_waiting(self, stream: Stream) -> None:
        """A hundred at once; each is answered, matched by ID, in any order."""
        reader, writer = stream
        writer.write(b"".join(framed(packet(question(f"http1.{DOMAIN}"), message_id=n)) for n in range(100)))
        answered = {header(await read(reader)).id for _ in range(100)}
        assert answered == set(range(100))

    @feature("tcp")
    @rfc("7766", "8")
    async def test_a_message_may_come_octet_by_octet(self, stream: Stream) -> None:
        """Segments mean nothing."""
        reader, writer = stream
        for octet in framed(query_octets(f"http1.{DOMAIN}")):
            writer.write(bytes((octet,)))
            await writer.drain()
        assert header(await read(reader)).answers == 1

    @feature("tcp")
    @rfc("7766", "6.2.4")
    async def test_a_half_closed_connection_is_answered_first(self, stream: Stream) -> None:
        """Shutting the sending side says only that no more queries come."""
        reader, writer = stream
        writer.write(framed(query_octets(f"http1.{DOMAIN}")) * 3)
        writer.write_eof()
        for _ in range(3):
            assert header(await read(reader)).answers == 1
        assert await reader.read() == b""

    @feature("tcp")
    async def test_a_connection_with_rubbish_harms_no_other(self, server: Server, stream: Stream) -> None:
        """An empty message, a length that is never filled; others are served meanwhile."""
        _, rubbish = stream
        rubbish.write(b"\0\0" + b"\xff\xff" + b"rubbish")
        reader, writer = await asyncio.open_connection(server.address, server.port)
        writer.write(framed(query_octets(f"http1.{DOMAIN}")))
        assert header(await read(reader)).answers == 1
        writer.close()
        await writer.wait_closed()

    @feature("crowd")
    @rfc("7766", "6.2.2")
    @pytest.mark.parametrize("secure", [False, True], ids=["tcp", "tls"])
    async def test_a_crowd_that_comes_at_once_is_answered(
        self, server: Server, over_tls: Server, secure: bool
    ) -> None:
        """Three hundred connections, each with its question; none is turned away or left waiting.

        They have time: on a busy machine this one process takes seconds for its side of the handshakes.
        """
        where, query = over_tls if secure else server, asking(f"http1.{DOMAIN}")
        async with asyncio.TaskGroup() as crowd:  # of which none is left behind where one fails
            exchanges = (ask(where, query, "tls" if secure else "tcp", within=15) for _ in range(300))
            asked = [crowd.create_task(one) for one in exchanges]
        assert {task.result().rcode for task in asked} == {"NOERROR"}

    @feature("any-minimal")
    @rfc("8482", "4.4")
    async def test_any_over_tcp_may_give_everything(self, query: Ask) -> None:
        """At least what UDP gives: nobody's address is forged on a connection."""
        over_tcp = await query("records", "ANY", "tcp")
        over_udp = await query("records", "ANY", "udp")
        assert len(over_tcp.answer) >= len(over_udp.answer) >= 1
