"""The service around the core: its zones and their reload, its settings, its socket."""

from __future__ import annotations

import asyncio
import struct
import threading
from pathlib import Path

import dns.message
import pytest

from services.dns.reference.catalogue import Zones
from services.dns.reference.errors import ZoneError
from services.dns.reference.rrtypes import Rcode
from services.dns.reference.tests.running import Start, ask, events
from services.dns.reference.tests.world import query
from services.kit.errors import KitError, SettingsError


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


async def test_tls_needs_a_certificate(start: Start) -> None:
    with pytest.raises(SettingsError, match="WIREYARD_CERTS"):
        await start(tls_port=0)


async def test_other_ports_and_second_answers_leave_the_socket_alone(start: Start) -> None:
    service = await start()
    assert await ask(service, query("other-port.lies"), 0.2) is None
    assert await ask(service, query("twice.lies"))
    assert await ask(service, struct.pack("!6H", 1, 0x8000, 0, 0, 0, 0), 0.1) is None
    assert await ask(service, query("http1"))
