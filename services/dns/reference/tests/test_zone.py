"""Zones as they are kept: packed, joined from records in any order, changed without being built anew."""

from __future__ import annotations

import tracemalloc

import pytest

from services.dns.reference import zonefile
from services.dns.reference.builder import build, changed
from services.dns.reference.errors import ZoneError
from services.dns.reference.names import from_text, to_text
from services.dns.reference.packed import RRset, pack, records_of, unpack
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import Type
from services.dns.reference.zone import Record, Zone

APEX = from_text("example.")
HEAD = "$TTL 1h\n@ SOA ns host 1 1h 10m 1w 5m\n NS ns\nns A 192.0.2.1\n"
NAME = from_text("a.example.")


def zone_of(text: str) -> Zone:
    return build(APEX, zonefile.parse(HEAD + text, "z", APEX, str))


def only(zone: Zone, name: str, rrtype: int) -> RRset:
    return zone.nodes[from_text(name + ".example.")][rrtype]


def names(zone: Zone) -> set[str]:
    return {to_text(name).removesuffix("example.").rstrip(".") for name in zone.nodes}


@pytest.mark.parametrize("owner", [NAME, from_text("A.eXample.")])
def test_what_is_packed_comes_out_as_it_was(owner: bytes) -> None:
    sets = [
        RRset(owner, Type.A, 60, (Rdata(b"\1\2\3\4"), Rdata(b"\1\2\3\5"))),
        RRset(owner, Type.MX, 61, (Rdata(b"\0\1", (NAME,)),)),
        RRset(NAME, Type.SOA, 62, (Rdata(b"", (NAME, APEX), bytes(20)),)),
        RRset(owner, Type.TXT, 63, (Rdata(b""),)),
    ]
    value = b"".join(pack(NAME, rrset) for rrset in sets)
    assert unpack(NAME, value) == {rrset.rrtype: rrset for rrset in sets}


def test_records_of_a_set_stand_as_in_a_message() -> None:
    alone = pack(NAME, RRset(NAME, Type.A, 60, (Rdata(b"\1\2\3\4"),)))
    both = alone + pack(NAME, RRset(NAME, Type.TXT, 1, (Rdata(b"\1x"), Rdata(b"\1y"))))
    fixed = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\4\1\2\3\4"
    assert records_of(NAME, alone, b"\0\1", b"\xc0\x0c") == (b"\0\1", fixed)
    assert records_of(NAME, both, b"\0\1", b"\xc0\x0c") == (b"\0\1", fixed)
    count, texts = records_of(NAME, both, b"\0\x10", b"\xc0\x0c")
    assert (count, texts[10:14], texts[-4:]) == (b"\0\2", b"\0\2\1x", b"\0\2\1y")
    assert records_of(NAME, both, b"\0\x1c", b"\xc0\x0c") == (b"\0\0", b"")


def test_addresses_that_differ_by_what_is_case_in_names_are_two() -> None:
    """RFC 2181 5 lets doubles vanish; 65 and 97 are A and a, but no letters here."""
    assert len(only(zone_of("a A 192.0.2.65\na A 192.0.2.97\n"), "a", Type.A).rdatas) == 2
    assert len(only(zone_of("a MX 65 m\na MX 97 m\n"), "a", Type.MX).rdatas) == 2
    assert len(only(zone_of("a MX 1 m\na MX 1 M\na A 192.0.2.1\na MX 1 m\n"), "a", Type.MX).rdatas) == 1


def test_a_set_whose_records_stand_apart_is_one_with_the_least_ttl() -> None:
    zone = zone_of("a 60 A 192.0.2.1\nb A 192.0.2.9\na 30 A 192.0.2.2\na 90 A 192.0.2.1\n")
    rrset = only(zone, "a", Type.A)
    assert (rrset.ttl, [rdata.wire[3] for rdata in rrset.rdatas]) == (30, [1, 2])


def test_generic_data_of_a_known_type_is_read_as_that_type() -> None:
    """RFC 3597 5."""
    assert only(zone_of("a NS \\# 3 016100\n"), "a", Type.NS).rdatas[0].names == (b"\1a\0",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("MX \\# 4 000A016D", "ends within a name"),
        ("CNAME \\# 2 C00C", "compressed"),
        ("PTR \\# 2 0000", "another length"),
        ("SOA \\# 2 0000", "length"),
    ],
)
def test_generic_data_that_the_type_cannot_have_is_refused(data: str, reason: str) -> None:
    with pytest.raises(ZoneError, match=reason):
        zone_of(f"a {data}\n")


def test_base_records_give_way_to_sets_of_the_same_name_and_type_alone() -> None:
    base = list(zonefile.parse(HEAD + "a A 192.0.2.1\na A 192.0.2.2\na TXT x\n", "base", APEX, str))
    over = list(zonefile.parse("$TTL 1\na A 192.0.2.3\nb TXT y\na A 192.0.2.4\n", "z", APEX, str))
    zone = build(APEX, over, base)
    assert [rdata.wire[3] for rdata in only(zone, "a", Type.A).rdatas] == [3, 4]
    assert only(zone, "a", Type.TXT).rdatas[0].wire == b"\1x"


def test_an_alias_over_a_base_record_is_refused_with_its_own_line() -> None:
    base = list(zonefile.parse(HEAD + "a A 192.0.2.1\n", "base", APEX, str))
    with pytest.raises(ZoneError) as caught:
        build(APEX, zonefile.parse("$TTL 1\n\na CNAME b\n", "z", APEX, str), base)
    assert caught.value.where == "z:3"


class TestChanges:
    ZONE = zone_of("leaf.a.ent A 192.0.2.7\nkept.ent A 192.0.2.8\nd DNAME e\ns NS ns.s\nns.s A 192.0.2.9\n")

    def change(self, name: str, rrtype: int, *data: Rdata) -> Zone:
        owner = from_text(name + ".example.")
        records = tuple(Record(owner, 60, rrtype, rdata, "here") for rdata in data)
        return changed(self.ZONE, {(owner, rrtype): records}, 9)

    def test_the_serial_moves_and_the_zone_itself_stays(self) -> None:
        zone = self.change("new", Type.A, Rdata(bytes(4)))
        assert (zone.serial, self.ZONE.serial) == (9, 1)
        assert names(zone) - names(self.ZONE) == {"new"}

    def test_names_between_exist_for_as_long_as_there_is_something_below(self) -> None:
        """RFC 4592 2.2.2."""
        assert names(self.ZONE) - names(self.change("leaf.a.ent", Type.A)) == {"leaf.a.ent", "a.ent"}
        assert names(self.change("p.q.r", Type.A, Rdata(bytes(4)))) >= {"q.r", "r", "p.q.r"}
        assert "a.ent" in names(self.change("a.ent", Type.A, Rdata(bytes(4))))

    def test_a_name_with_children_stays_when_its_own_records_go(self) -> None:
        own = self.change("a.ent", Type.A, Rdata(bytes(4)))
        owner = from_text("a.ent.example.")
        assert names(changed(own, {(owner, Type.A): ()}, 10)) == names(self.ZONE)

    def test_what_no_zone_may_hold_is_refused(self) -> None:
        with pytest.raises(ZoneError, match="CNAME beside"):
            self.change("kept.ent", Type.CNAME, Rdata(b"", (NAME,)))
        with pytest.raises(ZoneError, match="below a DNAME"):
            self.change("x.d", Type.A, Rdata(bytes(4)))
        with pytest.raises(ZoneError, match="below a DNAME"):
            self.change("ent", Type.DNAME, Rdata(NAME))
        with pytest.raises(ZoneError, match="needs an address"):
            self.change("ns.s", Type.A)

    def test_cuts_come_and_go(self) -> None:
        cut = from_text("t.example.")
        assert self.change("t", Type.NS, Rdata(b"", (NAME,))).cuts - self.ZONE.cuts == {cut}
        assert self.ZONE.cuts - self.change("d", Type.DNAME).cuts == {from_text("d.example.")}


def test_a_name_with_an_address_takes_few_octets() -> None:
    """A hundred thousand names are 20 MB, not 110 as when each record was an object of its own."""
    text = "".join(f"n{number} A 10.0.{number >> 8}.{number & 255}\n" for number in range(4_000))
    tracemalloc.start()
    try:
        zone = zone_of(text)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(zone.nodes) == 4_002
    assert held / 4_000 < 260
