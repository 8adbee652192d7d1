"""Zones from records, a set at a time, so that none of them is held but packed; and what no zone may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from services.dns.reference.errors import ZoneError
from services.dns.reference.names import ancestors, is_within, parent, to_text
from services.dns.reference.packed import RRset, pack, stored, unpack, without
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import Type, type_to_text
from services.dns.reference.zone import Nodes, Record, Zone

Key = tuple[bytes, int]
Changes = Mapping[Key, tuple[Record, ...]]
_BESIDE_ALIASES = {Type.CNAME, Type.RRSIG, Type.NSEC}
_SINGLE = {Type.CNAME, Type.DNAME}


def build(apex: bytes, records: Iterable[Record], base: Iterable[Record] = ()) -> Zone:
    """Return the zone of these records; each set of `base` that `records` has too gives way to theirs.

    Raises:
        ZoneError: a record outside the zone; not exactly one SOA and at least one NS at the apex; a
            CNAME beside other data (RFC 1034 3.6.2) or twice; data below a DNAME (RFC 6672 2.4); an
            in-zone NS target without an address.
    """
    builder = _Builder(apex.lower(), {}, set())
    builder.add_all(base)
    builder.replaceable = {
        (name, at.rrtype) for name, value in builder.packed.items() for at in stored(name, value)
    }
    builder.add_all(records)
    builder.fill(list(builder.packed))
    return builder.zone()


def changed(zone: Zone, changes: Changes, serial: int) -> Zone:
    """Return a zone with these record sets, none where there are no records, and another serial number.

    Raises:
        ZoneError: as `build`; the zone itself never changes.
    """
    builder = _Builder(zone.apex, dict(zone.nodes.packed), set(zone.cuts))
    (old,) = zone.soa.rdatas
    data = Rdata(old.head, old.names, serial.to_bytes(4) + old.tail[4:])
    soa = (Record(zone.soa.owner, zone.soa.ttl, Type.SOA, data),)
    for key, records in {**changes, (zone.apex, int(Type.SOA)): soa}.items():
        builder.drop(*key)
        builder.add_all(records)
    touched = [owner for owner, _ in changes]
    builder.prune(touched)
    builder.fill(touched)
    return builder.zone()


class _Builder:
    """A zone that grows.

    Attributes:
        packed: its nodes.
        replaceable: sets that give way to the first of the same name and type.
    """

    def __init__(self, apex: bytes, packed: dict[bytes, bytes], cuts: set[bytes]) -> None:
        self._apex = apex
        self.packed = packed
        self.replaceable: set[Key] = set()
        self._cuts = cuts
        self._where: dict[bytes, str] = {}  # of the cuts that were added

    def add_all(self, records: Iterable[Record]) -> None:
        """Take records in; those of one set that stand together are joined at once.

        Raises:
            ZoneError: one lies outside, or does not go together with what its name has.
        """
        for (owner, rrtype), group in groupby(records, lambda record: (record.owner.lower(), record.rrtype)):
            if (owner, rrtype) in self.replaceable:
                self.replaceable.remove((owner, rrtype))
                self.drop(owner, rrtype)
            self._add(owner, list(group))

    def _add(self, owner: bytes, group: Sequence[Record]) -> None:
        first = group[0]
        if not is_within(owner, self._apex):
            raise ZoneError(first.where, f"{to_text(first.owner)} is not within {to_text(self._apex)}")
        if first.rrtype == Type.SOA and owner != self._apex:
            raise ZoneError(first.where, f"{to_text(owner)} has an SOA but is not the apex")
        value = self.packed.get(owner, b"")
        present = unpack(owner, value) if value else {}
        if first.rrtype == Type.CNAME or Type.CNAME in present:
            _check_alias(owner, {first.rrtype, *present}, first.where)
        old = present.get(first.rrtype)
        rrset = _joined(owner, old.rdatas if old else (), old.ttl if old else first.ttl, group)
        if old is not None:
            value = without(owner, value, first.rrtype)
        self.packed[owner] = value + pack(owner, rrset)
        if self._is_cut(owner, {first.rrtype}):
            self._cuts.add(owner)
            self._where[owner] = first.where

    def drop(self, owner: bytes, rrtype: int) -> None:
        """Take a set away, if it is there; the name stays."""
        if owner in self.packed:
            value = self.packed[owner] = without(owner, self.packed[owner], rrtype)
            if not self._is_cut(owner, {at.rrtype for at in stored(owner, value)}):
                self._cuts.discard(owner)

    def _is_cut(self, owner: bytes, types: set[int]) -> bool:
        return Type.DNAME in types or (Type.NS in types and owner != self._apex)

    def fill(self, owners: Iterable[bytes]) -> None:
        """Let every name between the apex and one of these that has records exist (RFC 4592 2.2.2)."""
        for owner in owners:
            name = owner
            while self.packed.get(owner) and name != self._apex:
                name = parent(name)
                if name in self.packed:
                    break
                self.packed[name] = b""

    def prune(self, owners: Iterable[bytes]) -> None:
        """Let names end that have lost their last record, and what existed for their sake alone."""
        empty = {name for owner in owners for name in self._above(owner) if self.packed.get(name) == b""}
        if not empty:
            return
        ends = tuple(empty)
        needed = {
            name
            for owner, value in self.packed.items()
            if value and owner.endswith(ends)
            for name in ancestors(owner)
        }
        for name in empty - needed:
            del self.packed[name]

    def _above(self, owner: bytes) -> list[bytes]:
        """Return the names from `owner` up to just below the apex."""
        return [name for name in ancestors(owner) if len(name) > len(self._apex)]

    def zone(self) -> Zone:
        """Return the zone, when nothing is wrong with the whole of it.

        Raises:
            ZoneError: as `build`.
        """
        apex = unpack(self._apex, self.packed.get(self._apex, b""))
        if Type.SOA not in apex or len(apex[Type.SOA].rdatas) != 1:
            raise ZoneError(to_text(self._apex), "the apex needs exactly one SOA record (RFC 1035 5.2)")
        if Type.NS not in apex:
            raise ZoneError(to_text(self._apex), "the apex needs an NS record (RFC 1034 4.2.1)")
        redirected = set()
        for owner in {self._apex, *self._cuts}:
            node = unpack(owner, self.packed[owner])
            if Type.DNAME in node:
                redirected.add(owner)
            if Type.NS in node:
                self._check_glue(node[Type.NS], owner)
        if redirected:
            self._check_below(redirected)
        return Zone(self._apex, Nodes(self.packed), apex[Type.SOA], frozenset(self._cuts))

    def _check_below(self, redirected: set[bytes]) -> None:
        """Nothing stands below a DNAME (RFC 6672 2.4)."""
        for owner, value in self.packed.items():
            above = next((name for name in ancestors(parent(owner)) if name in redirected), None)
            if value and above is not None and owner != above:
                where = self._where.get(above, to_text(above))
                raise ZoneError(where, f"{to_text(owner)} stands below a DNAME (RFC 6672 2.4)")

    def _check_glue(self, cut: RRset, owner: bytes) -> None:
        """A name server that stands within the zone it serves cannot be found without its address."""
        for rdata in cut.rdatas:
            target = rdata.target.lower()
            types = {at.rrtype for at in stored(target, self.packed.get(target, b""))}
            if is_within(target, owner) and types.isdisjoint({Type.A, Type.AAAA}):
                where = self._where.get(owner, to_text(owner))
                raise ZoneError(where, f"the name server {to_text(target)} needs an address (RFC 1035 4.2.1)")


def _check_alias(owner: bytes, types: set[int], where: str) -> None:
    others = types - _BESIDE_ALIASES
    if others:
        beside = f"a CNAME beside {type_to_text(min(others))}"
        raise ZoneError(where, f"{to_text(owner)} has {beside} (RFC 1034 3.6.2)")


def _joined(owner: bytes, rdatas: Sequence[Rdata], ttl: int, group: Sequence[Record]) -> RRset:
    """Add records to a set: of differing TTLs the least (RFC 2181 5.2), and nothing twice (RFC 2181 5)."""
    first = group[0]
    unique = {_caseless(rdata): rdata for rdata in rdatas}
    for record in group:
        unique.setdefault(_caseless(record.rdata), record.rdata)
        if first.rrtype in _SINGLE and len(unique) > 1:
            kind = type_to_text(first.rrtype)
            raise ZoneError(record.where, f"{to_text(owner)} has two {kind} records (RFC 2181 10.1)")
    spelled = owner if first.owner == owner else first.owner
    least = min(ttl, *(record.ttl for record in group))
    return RRset(spelled, first.rrtype, least, tuple(unique.values()))


def _caseless(rdata: Rdata) -> tuple[bytes, tuple[bytes, ...], bytes]:
    """Return what equal data has in common: names are equal whatever their case."""
    return rdata.head, tuple(name.lower() for name in rdata.names), rdata.tail
