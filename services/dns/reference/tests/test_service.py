"""The service around the core: sockets, limits, reload, the rate limit, forwarding, and the end."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import dns.message
import pytest

from services.dns.reference.catalogue import Zones
from services.dns.reference.errors import ZoneError
from services.dns.reference.facts import KEPT
from services.dns.reference.names import from_text
from services.dns.reference.rrtypes import Rcode
from services.dns.reference.service import DNSService
from services.dns.reference.settings import ZONES, DNSSettings
from services.dns.reference.tests.world import opt, option, query
from services.kit.errors import KitError, SettingsError
from services.kit.journal import Filter, Journal
from services.kit.tests.live import crowd_at
from services.kit.tests.tls_server import issue

Start = Callable[..., Awaitable[DNSService]]


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    """A directory of zones that a test may change."""
    for path in ZONES.iterdir():
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
async def start(zones: Path) -> AsyncIterator[Start]:
    """Starts a service on a free port of 127.0.0.1 and stops it in the end."""
    running: list[DNSService] = []

    async def begin(**settings: Any) -> DNSService:
        chosen = DNSSettings(role="dns", port=0, address=("127.0.0.1",), zones=zones, **settings)
        service = DNSService(chosen, Journal("dns"))
        await service.start()
        running.append(service)
        return service

    yield begin
    for service in running:
        await service.stop(1.0)


async def ask(service: DNSService, data: bytes, within: float = 1.0) -> bytes | None:
    """Send one datagram and return the answer, if there is one in time."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", service.port))
        await loop.sock_sendall(sock, data)
        try:
            async with asyncio.timeout(within):
                return await loop.sock_recv(sock, 65_535)
        except TimeoutError:
            return None


@asynccontextmanager
async def connected(service: DNSService) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data


async def read(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the port of DNS over TLS."""
    where = tmp_path_factory.mktemp("certs")
    issue(where)
    return where / "https"


def tcp_ports(service: DNSService) -> list[int]:
    """The ports of TCP: that of the service, and that of TLS."""
    told = [record[5] for record in service.journal.select(Filter(events=frozenset({"listening"})))]
    addresses = [str(cast("Mapping[str, object]", data)["address"]) for data in told]
    return sorted({int(address.rpartition(":")[2]) for address in addresses})


def events(service: DNSService) -> list[str]:
    return [record[4] for record in service.journal.select(Filter())]


class TestZones:
    async def test_a_zone_with_an_error_keeps_the_service_from_starting(
        self, start: Start, zones: Path
    ) -> None:
        (zones / "bad.test.zone").write_text("$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns\nns A nowhere\n")
        with pytest.raises(KitError, match=r"bad\.test\.zone:4"):
            await start()

    async def test_an_edit_is_served_after_a_reload(self, start: Start, zones: Path) -> None:
        service = await start()
        path = zones / "wireyard.test.zone"
        path.write_text(path.read_text(encoding="utf-8") + "\nedited A 192.0.2.123\n", encoding="utf-8")
        await service.reload()
        answer = await ask(service, query("edited"))
        assert answer is not None
        assert dns.message.from_wire(answer).answer[0][0].to_text() == "192.0.2.123"

    async def test_a_bad_edit_is_refused_and_the_old_zone_stays(self, start: Start, zones: Path) -> None:
        service = await start()
        (zones / "wireyard.test.zone").write_text("$TTL 60\nwww CNAME a\nwww A 192.0.2.1\n", encoding="utf-8")
        with pytest.raises(ZoneError) as caught:
            await service.reload()
        assert caught.value.where == "wireyard.test.zone:3"
        answer = await ask(service, query("records"))
        assert answer is not None
        assert dns.message.from_wire(answer).answer
        assert "error" in events(service)

    async def test_a_reload_loses_no_query(self, start: Start) -> None:
        service = await start()
        reloading = asyncio.ensure_future(service.reload())
        answered = 0
        while not reloading.done():
            answered += await ask(service, query("http1")) is not None
        await reloading
        assert answered > 0

    async def test_of_two_reloads_at_once_the_later_reading_is_served(
        self, start: Start, zones: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first has read the old file when the second begins, and ends after it if it can."""
        service = await start()
        begun, loaded = threading.Event(), threading.Event()
        read, load = service.server.read, service.server.store.load

        def slowly(now: int) -> Zones:
            found, is_first = read(now), not begun.is_set()
            begun.set()
            if is_first:
                loaded.wait(0.3)
            return found

        def noted(found: Zones) -> None:
            load(found)
            loaded.set()

        monkeypatch.setattr(service.server, "read", slowly)
        monkeypatch.setattr(service.server.store, "load", noted)
        first = asyncio.ensure_future(service.reload())
        await asyncio.to_thread(begun.wait)
        path = zones / "wireyard.test.zone"
        path.write_text(path.read_text(encoding="utf-8") + "\nedited A 192.0.2.123\n", encoding="utf-8")
        await asyncio.gather(first, service.reload())
        answer = await ask(service, query("edited"))
        assert answer is not None
        assert answer[3] & 0xF == Rcode.NOERROR

    @pytest.mark.parametrize(
        ("file", "reason"), [("../secret", "outside"), ("gone.inc", "'gone.inc' cannot be read")]
    )
    async def test_an_include_is_a_file_of_the_directory(
        self, start: Start, zones: Path, file: str, reason: str
    ) -> None:
        (zones / "out.test.zone").write_text(f"$INCLUDE {file}\n", encoding="utf-8")
        with pytest.raises(KitError, match=rf"out\.test\.zone:1: .*{reason}"):
            await start()


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


class TestRateLimit:
    async def test_a_flood_of_like_answers_is_held_back(self, start: Start) -> None:
        """Some are dropped, some truncated; another name, a cookie and TCP go through."""
        service = await start(rate_limit=3)
        answers = await asyncio.gather(*(ask(service, query("http1"), 1.0) for _ in range(12)))
        assert answers.count(None) >= 2
        assert any(answer is not None and answer[2] & 2 for answer in answers)
        assert await ask(service, query("h2")) is not None
        first = await ask(service, query("h2c", extra=1, tail=opt(options=option(10, b"abcdefgh"))))
        assert first is not None
        cookie = opt(options=option(10, first[-24:]))
        assert all([await ask(service, query("http1", extra=1, tail=cookie)) for _ in range(9)])


class TestForwarding:
    async def test_an_upstream_is_asked_once_and_kept(self, start: Start) -> None:
        """The second service stands for the world: it knows other.test, the first does not."""
        upstream = await start()
        (Path(upstream.settings.zones) / "other.test.zone").write_text(
            "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns\nns A 192.0.2.5\nbig TXT "
            + '"xxxxxxxxxxxxxxxxxxxxxxxxxxx" ' * 60
        )
        await upstream.reload()
        (Path(upstream.settings.zones) / "other.test.zone").unlink()
        service = await start(upstreams=(f"127.0.0.1:{upstream.port}",))
        for _ in range(3):
            answer = await ask(service, query("ns.other.test."))
            assert answer is not None
            message = dns.message.from_wire(answer)
            assert message.answer[0][0].to_text() == "192.0.2.5"
            assert message.flags & 0x0480 == 0x0080
        asked = [r for r in upstream.journal.select(Filter()) if r[4] == "query"]
        assert len(asked) == 1
        async with connected(service) as (reader, writer):
            writer.write(framed(query("big.other.test.", 16)))
            assert dns.message.from_wire(await read(reader)).answer

    @pytest.mark.parametrize("first", ["silent", "refusing", "failing", "nobody"])
    async def test_another_upstream_is_asked_when_one_does_not_know(
        self, start: Start, zones: Path, first: str
    ) -> None:
        """Whatever the first one does, the second is asked; what it says is what the asker hears."""
        (zones / "other.test.zone").write_text("$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns\nns A 192.0.2.5\n")
        knows = await start()
        (zones / "other.test.zone").unlink()
        other = await start()
        if first == "failing":
            other.server.liar.put(from_text("ns.other.test."), "servfail")
            other.server.changed()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            ports = {"silent": silent.getsockname()[1], "nobody": 9}
            upstreams = [f"127.0.0.1:{port}" for port in (ports.get(first, other.port), knows.port)]
            service = await start(upstreams=upstreams, upstream_timeout=0.2)
            answer = await ask(service, query("ns.other.test."))
        assert answer is not None
        assert dns.message.from_wire(answer).answer[0][0].to_text() == "192.0.2.5"

    async def test_what_every_upstream_refuses_is_asked_once_of_each(self, start: Start) -> None:
        """The refusal is told as it came, without asking again and again."""
        one, other = await start(), await start()
        service = await start(upstreams=[f"127.0.0.1:{upstream.port}" for upstream in (one, other)])
        answer = await ask(service, query("www.example.com."))
        assert answer is not None
        assert answer[3] & 0xF == Rcode.REFUSED
        assert [upstream.journal.counts["query"] for upstream in (one, other)] == [1, 1]

    async def test_no_upstream_is_servfail(self, start: Start) -> None:
        service = await start(upstreams=("127.0.0.1:9",), upstream_timeout=0.1)
        answer = await ask(service, query("www.example.com."))
        assert answer is not None
        assert answer[3] & 0xF == 2

    async def test_a_circle_of_forwarders_ends(self, start: Start) -> None:
        """Two that ask each other: the mark of the first comes round, and is refused."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        first = await start(upstreams=(f"127.0.0.1:{port}",), upstream_timeout=20.0)
        chosen = DNSSettings(
            role="dns",
            port=port,
            address=("127.0.0.1",),
            upstreams=(f"127.0.0.1:{first.port}",),
            upstream_timeout=20.0,
        )
        second = DNSService(chosen, Journal("dns"))
        await second.start()
        answer = await ask(first, query("www.example.com."), 10.0)
        await second.stop(0.1)
        assert answer is not None
        assert answer[3] & 0xF == Rcode.REFUSED

    async def test_an_upstream_that_is_no_address_is_a_wrong_setting(self, start: Start) -> None:
        with pytest.raises(SettingsError, match="WIREYARD_UPSTREAMS"):
            await start(upstreams=("dns.example",))


async def test_tls_needs_a_certificate(start: Start) -> None:
    with pytest.raises(SettingsError, match="WIREYARD_CERTS"):
        await start(tls_port=0)


async def test_other_ports_and_second_answers_leave_the_socket_alone(start: Start) -> None:
    service = await start()
    assert await ask(service, query("other-port.lies"), 0.2) is None
    assert await ask(service, query("twice.lies"))
    assert await ask(service, struct.pack("!6H", 1, 0x8000, 0, 0, 0, 0), 0.1) is None
    assert await ask(service, query("http1"))
