"""Cache, run-time changes, the yard's own records, and what the contract tells of them."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_network

import dns.message
import dns.rcode
import dns.rrset
import pytest

from services.dns.reference import yard
from services.dns.reference.cache import AnswerCache
from services.dns.reference.errors import RecordError, ZoneError
from services.dns.reference.lies import LIES
from services.dns.reference.names import from_text, to_text
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import Type
from services.dns.reference.settings import ZONES, DNSSettings
from services.dns.reference.tests.world import NOW, UDP, answer, make, query
from services.dns.reference.zone import Record

HTTP1 = from_text("http1.wireyard.test.")


class TestCache:
    @pytest.mark.parametrize("size", [0, 1_000])
    def test_it_is_bounded_in_memory(self, size: int) -> None:
        cache = AnswerCache(generation=100_000, spellings=100_000)
        for number in range(10_000):
            data = query(f"n{number}")
            cache.put(data, len(data) - 4, len(data), data + bytes(size))
            cache.get(data)
            cache.put_spelled(query(f"m{number}"), data + bytes(size))
        assert len(cache) <= 300_000 / (200 + size)

    def test_what_was_spelled_is_found_in_that_spelling_with_any_id(self) -> None:
        cache = AnswerCache()
        cache.put_spelled(query("records"), b"idanswer")
        asked = [b"ID" + query("records")[2:], query("Records")]
        assert cache.spelled(asked) == [b"answer", None]
        assert cache.get(query("Records")) is None

    def test_what_is_asked_again_survives(self) -> None:
        cache = AnswerCache(generation=10_000, spellings=0)
        kept = query("kept")
        cache.put(kept, len(kept) - 4, len(kept), kept)
        for number in range(100):
            data = query(f"n{number}")
            cache.put(data, len(data) - 4, len(data), data)
            assert cache.get(kept) is not None

    def test_types_that_differ_by_a_letters_case_do_not_mix(self) -> None:
        """Type 65 is an A, and 97 an a: the key alone would not tell them apart."""
        cache = AnswerCache()
        https = query("records", 65)
        cache.put(https, len(https) - 4, len(https), https)
        assert cache.get(query("records", 97)) is None
        assert cache.get(query("RECORDS", 65)) is not None


class TestStore:
    def test_a_change_survives_a_reload(self) -> None:
        server = make()
        server.store.add(Record(from_text("new.wireyard.test."), 60, Type.A, Rdata(bytes([192, 0, 2, 1]))))
        server.store.remove(HTTP1, Type.A)
        server.load(int(NOW) + 5)
        assert dns.message.from_wire(answer(query("new"), UDP, server)).answer
        assert not dns.message.from_wire(answer(query("http1"), UDP, server)).answer
        server.store.reset()
        assert dns.message.from_wire(answer(query("http1"), UDP, server)).answer

    def test_what_does_not_fit_changes_nothing(self) -> None:
        server = make()
        before = server.store.zones
        with pytest.raises(ZoneError):
            server.store.add(Record(HTTP1, 60, Type.CNAME, Rdata(b"", (HTTP1,))))
        with pytest.raises(RecordError):
            server.store.remove(from_text("wireyard.test."), Type.SOA)
        assert server.store.zones is before
        assert server.store.records() == []

    def test_serial_numbers_only_grow(self) -> None:
        server = make()
        apex = from_text("wireyard.test.")
        serials = [server.store.zones[apex].serial]
        for step in range(3):
            server.store.add(Record(HTTP1, 60, Type.A, Rdata(bytes([192, 0, 2, step]))))
            serials.append(server.store.zones[apex].serial)
        server.load(int(NOW))
        serials.append(server.store.zones[apex].serial)
        assert serials == sorted(set(serials))

    def test_a_zone_read_while_another_changed_comes_after_it(self) -> None:
        server = make()
        apex = from_text("wireyard.test.")
        late = server.read(int(NOW))
        for step in range(3):
            server.store.add(Record(HTTP1, 60, Type.A, Rdata(bytes([192, 0, 2, step]))))
        before = server.store.zones[apex].serial
        server.store.load(late)
        assert server.store.zones[apex].serial > before


@pytest.mark.parametrize(
    ("network", "zone"),
    [
        ("10.77.0.0/24", "0.77.10.in-addr.arpa."),
        ("10.77.0.0/20", "77.10.in-addr.arpa."),
        ("127.0.0.0/8", "127.in-addr.arpa."),
        ("fd77::/64", "0.0.0.0.0.0.0.0.0.0.0.0.7.7.d.f.ip6.arpa."),
    ],
)
def test_reverse_zones_are_cut_at_whole_labels(network: str, zone: str) -> None:
    assert to_text(yard.zone_of(ip_network(network))) == zone


def test_the_contract_lists_every_lie_and_no_other() -> None:
    text = (ZONES.parent / "CONTRACT.md").read_text(encoding="utf-8")
    listed = [
        line.split("`")[1] for line in text.partition("## Lies")[2].splitlines() if line.startswith("| `")
    ]
    assert listed == list(LIES)


def test_the_contract_tells_the_limits_as_they_are() -> None:
    text = (ZONES.parent / "CONTRACT.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `WIREYARD_")]
    told = {name.strip(" `").removeprefix("WIREYARD_").lower(): default.strip() for name, default in rows}
    limits = {"idle", "connections", "pipeline", "rate_limit", "upstream_timeout"}
    defaults = {field.name: field.default for field in fields(DNSSettings) if field.name in limits}
    assert {name: float(told[name]) for name in limits} == defaults
