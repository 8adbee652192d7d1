"""Connections: silence, order, limits, crowds, and what the journal keeps of them (RFC 7766)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import dns.message

from services.dns.reference.facts import KEPT
from services.dns.reference.tests.running import Start, ask, connected, events, framed, read, tcp_ports
from services.dns.reference.tests.world import query
from services.kit.journal import Filter
from services.kit.tests.live import crowd_at


class TestConnections:
    async def test_silence_ends_a_connection(self, start: Start) -> None:
        """RFC 7766 6.2.3; half a message is silence too."""
        service = await start(idle=0.1)
        async with connected(service) as (reader, writer):
            writer.write(b"\0\x40half")
            assert await reader.read() == b""
        assert "timeout" in events(service)

    async def test_each_message_begins_the_silence_anew(self, start: Start) -> None:
        """A connection in use outlives its time of silence; answers that come late are the clock."""
        service = await start(idle=1.5)
        async with connected(service) as (reader, writer):
            for _ in range(5):
                writer.write(framed(query("http1")))
                assert await read(reader)
                assert await ask(service, query("slow-400.lies"))

    async def test_plain_queries_are_not_judged_and_answered_together(self, start: Start) -> None:
        """What came in one piece is answered in one; no judgement is counted."""
        service = await start()
        async with connected(service) as (reader, writer):
            writer.write(framed(query("http1")) * 20)
            answers = [await read(reader) for _ in range(20)]
        assert set(answers) == {await ask(service, query("http1"))}
        counted = {metric.name: metric.samples for metric in service.journal.collectors[0].collect()}
        assert not counted["wireyard_dns_judged"]
        assert [(s.labels["rcode"], s.value) for s in counted["wireyard_dns_answers"]] == [("NOERROR", 21)]

    async def test_each_answer_of_a_batch_follows_its_query_in_the_journal(self, start: Start) -> None:
        """Whether they were looked up together, judged, or cut off within a message."""
        service = await start()
        asked = ["http1", "h2", "nothing", "http1", "h2"]
        async with connected(service) as (reader, writer):
            for octets in (b"".join(framed(query(name)) for name in asked), framed(query("h2"))[:7]):
                writer.write(octets)
            for _ in asked:
                await read(reader)
            writer.write(framed(query("h2"))[7:])
            await read(reader)
        told = [
            (record[4], service.journal.told(record).get("name"))
            for record in service.journal.select(Filter(events=frozenset({"query", "answer"})))
        ]
        assert told == [
            (event, f"{name}.wireyard.test.") for name in [*asked, "h2"] for event in ("query", "answer")
        ]

    async def test_one_connection_too_many_ends_the_most_silent(self, start: Start) -> None:
        service = await start(connections=2)
        async with connected(service) as (first, _), connected(service) as (second, writer):
            writer.write(framed(query("http1")))
            await read(second)
            async with connected(service) as (third, again):
                again.write(framed(query("http1")))
                assert await read(third)
                assert await first.read() == b""
                writer.write(framed(query("http1")))
                assert await read(second)

    async def test_a_crowd_that_comes_at_once_waits_to_be_accepted(self, start: Start, certs: Path) -> None:
        """On the port of DNS over TLS as on the other."""
        service = await start(tls_port=0, certs=certs)
        assert [crowd_at(port) for port in tcp_ports(service)] == [True, True]

    async def test_what_the_journal_keeps_is_short_however_long_the_messages(self, start: Start) -> None:
        """Over TCP and UDP, asked and answered; the lengths that it tells are those of the wire."""
        service = await start()
        unread = query("http1", tail=bytes(4000))
        async with connected(service) as (reader, writer):
            for octets in (unread, query("many.lies")):
                writer.write(framed(octets))
                answer = await read(reader)
        await ask(service, unread)
        told = [r for r in service.journal.select(Filter()) if r[4] in ("query", "answer")]
        assert max(len(cast("bytes", record[5])) for record in told) <= KEPT + 4
        sizes = {service.journal.told(record)["bytes"] for record in told}
        assert {len(unread), len(answer)} <= sizes

    async def test_late_answers_come_when_they_are_ready(self, start: Start) -> None:
        """RFC 7766 6.2.1.1: the quick one overtakes the slow one."""
        service = await start()
        async with connected(service) as (reader, writer):
            slow, quick = query("slow-100.lies"), query("http1")
            writer.write(framed(b"\0\1" + slow[2:]) + framed(b"\0\2" + quick[2:]))
            assert [(await read(reader))[:2] for _ in range(2)] == [b"\0\2", b"\0\1"]

    async def test_a_full_pipeline_is_read_no_further(self, start: Start) -> None:
        service = await start(pipeline=2)
        async with connected(service) as (reader, writer):
            writer.write(framed(query("slow-50.lies")) * 2 + framed(query("http1")))
            answers = [dns.message.from_wire(await read(reader)).question[0].name.to_text() for _ in range(3)]
        assert answers[0] == "slow-50.lies.wireyard.test."

    async def test_a_reader_that_stalls_costs_a_bounded_buffer(self, start: Start) -> None:
        """A thousand large answers asked for and none read: the service holds one buffer, then waits."""
        service = await start(idle=0.3)
        async with connected(service) as (_, writer):
            for _ in range(1000):
                writer.write(framed(query("many-4000.lies")))
            while service.journal.connections:
                await service.journal.wait(Filter(events=frozenset({"close"})), 1.0)
            answers = [record for record in service.journal.select(Filter()) if record[4] == "answer"]
            assert len(answers) < 200
        assert await ask(service, query("http1"))

    async def test_what_is_under_way_is_answered_before_the_end(self, start: Start) -> None:
        service = await start()
        async with connected(service) as (reader, writer):
            writer.write(framed(query("slow-100.lies")))
            await service.journal.wait(Filter(events=frozenset({"query"})), 1.0)
            stopping = asyncio.ensure_future(service.stop(2.0))
            assert await read(reader)
            assert await reader.read() == b""
            await stopping
