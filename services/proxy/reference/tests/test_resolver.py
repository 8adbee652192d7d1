"""The stub resolver against name servers that answer late, wrongly, in parts, or not at all."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from typing import cast

import pytest
from dnslib import QTYPE, RR, DNSRecord
from hypothesis import given
from hypothesis import strategies as st

from services.proxy.reference.errors import Refusal
from services.proxy.reference.question import questions, read
from services.proxy.reference.resolver import DNSResolver, NoResolver

Answer = Callable[[DNSRecord], list[bytes]]


class Server(asyncio.DatagramProtocol):
    """Answers each query with what `answer` makes of it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:
        self.asked += 1
        for packet in self._answer(DNSRecord.parse(data)):
            self.transport.sendto(packet, addr)


@asynccontextmanager
async def serving(
    answer: Answer, within: float = 0.4, port: int = 0
) -> AsyncIterator[tuple[DNSResolver, Server]]:
    server = Server(answer)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", port))
    port = transport.get_extra_info("sockname")[1]
    try:
        yield DNSResolver(f"127.0.0.1:{port}", within), server
    finally:
        transport.close()


def good(query: DNSRecord, v4: str = "10.0.0.1", v6: str = "fd00::1") -> DNSRecord:
    reply = query.reply()
    kind = QTYPE[query.q.qtype]
    reply.add_answer(*RR.fromZone(f"{query.q.qname} 60 {kind} {v4 if kind == 'A' else v6}"))
    return reply


async def test_both_families_ipv6_first() -> None:
    async with serving(lambda query: [good(query).pack()]) as (resolver, _):
        assert await resolver.addresses("a.test") == [ip_address("fd00::1"), ip_address("10.0.0.1")]


async def test_aliases_are_followed_within_the_answer() -> None:
    def answer(query: DNSRecord) -> list[bytes]:
        reply = query.reply()
        reply.add_answer(*RR.fromZone("a.test 60 CNAME b.test"))
        if query.q.qtype == QTYPE.A:
            reply.add_answer(*RR.fromZone("b.test 60 A 10.0.0.2"))
        return [reply.pack()]

    async with serving(answer) as (resolver, _):
        assert await resolver.addresses("a.test") == [ip_address("10.0.0.2")]


@pytest.mark.parametrize(("code", "name"), [(0, "NOERROR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (5, "REFUSED")])
async def test_no_address_tells_the_rcode(code: int, name: str) -> None:
    def answer(query: DNSRecord) -> list[bytes]:
        reply = query.reply()
        reply.header.rcode = code
        return [reply.pack()]

    async with serving(answer) as (resolver, _):
        with pytest.raises(Refusal) as caught:
            await resolver.addresses("a.test")
    assert (caught.value.status, str(caught.value.cause), caught.value.rcode) == (502, "dns_error", name)


async def test_forged_answers_are_not_believed() -> None:
    """Another id, another question, a query sent back: the right answer comes last and wins."""

    def answer(query: DNSRecord) -> list[bytes]:
        right = good(query).pack()
        wrong = good(query, "6.6.6.6", "::6").pack()
        other_id = bytes([wrong[0] ^ 1]) + wrong[1:]
        other = DNSRecord.question("b.test", QTYPE[query.q.qtype])
        other.header.id = query.header.id
        return [other_id, good(other, "6.6.6.6", "::6").pack(), query.pack(), b"", right]

    async with serving(answer) as (resolver, _):
        assert await resolver.addresses("a.test") == [ip_address("fd00::1"), ip_address("10.0.0.1")]


async def test_silence_is_asked_again_and_then_504() -> None:
    async with serving(lambda _query: []) as (resolver, server):
        with pytest.raises(Refusal) as caught:
            await resolver.addresses("a.test")
    assert (caught.value.status, str(caught.value.cause)) == (504, "dns_timeout")
    assert server.asked == 4


async def test_one_lost_datagram_costs_nothing_but_time() -> None:
    seen: set[int] = set()

    def answer(query: DNSRecord) -> list[bytes]:
        first = query.q.qtype not in seen
        seen.add(query.q.qtype)
        return [] if first else [good(query).pack()]

    async with serving(answer, 2.0) as (resolver, _):
        assert len(await resolver.addresses("a.test")) == 2


async def test_nobody_there() -> None:
    with pytest.raises(Refusal) as caught:
        await DNSResolver("127.0.0.1:1", 1.0).addresses("a.test")
    assert (caught.value.status, str(caught.value.cause)) == (502, "dns_error")


async def test_no_resolver_at_all() -> None:
    with pytest.raises(Refusal, match="no resolver"):
        await NoResolver().addresses("a.test")


async def test_a_truncated_answer_is_asked_for_over_tcp() -> None:
    def cut(query: DNSRecord) -> list[bytes]:
        reply = query.reply()
        reply.header.tc = 1
        return [reply.pack()]

    async def tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        packet = good(DNSRecord.parse(await reader.readexactly(size))).pack()
        writer.write(struct.pack("!H", len(packet)) + packet)
        await writer.drain()
        writer.close()

    # TCP first: its ports are in use by many more than UDP's.
    async with (
        await asyncio.start_server(tcp, "127.0.0.1", 0) as stream,
        serving(cut, 2.0, stream.sockets[0].getsockname()[1]) as (resolver, _),
    ):
        assert len(await resolver.addresses("a.test")) == 2


@given(st.binary(max_size=200))
def test_no_packet_raises_anything_but_a_refusal(data: bytes) -> None:
    question = questions("a.test")[0]
    for packet in (data, question.packet[:2] + b"\x80" + data, question.packet[:12] + data):
        with suppress(Refusal):
            read(question, packet)
