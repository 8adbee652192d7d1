"""Asking other name servers, and holding answers back, as a running service does."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import dns.message
import pytest

from services.dns.reference.names import from_text
from services.dns.reference.rrtypes import Rcode
from services.dns.reference.service import DNSService
from services.dns.reference.settings import DNSSettings
from services.dns.reference.tests.running import Start, ask, connected, framed, read
from services.dns.reference.tests.world import opt, option, query
from services.kit.errors import SettingsError
from services.kit.journal import Filter, Journal


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
