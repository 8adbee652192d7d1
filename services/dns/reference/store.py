"""The zones in service: what was loaded, with run-time changes over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from services.dns.reference.builder import Changes, Key, changed
from services.dns.reference.errors import RecordError
from services.dns.reference.lookup import Zones, find_zone
from services.dns.reference.names import to_text
from services.dns.reference.rrtypes import Type, type_to_text
from services.dns.reference.zone import Record, Zone

MOST_CHANGES = 100_000


class Store:
    """Zones that may change while they are served; each change is whole or refused.

    Args:
        changed: called after every change, before the next query.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.zones: Zones = {}
        self._loaded: Zones = {}
        self._changes: dict[Key, tuple[Record, ...]] = {}
        self._changed = changed

    def load(self, zones: Zones) -> None:
        """Serve these zones, with the run-time changes still over them.

        Raises:
            ZoneError: the changes do not fit; all stays as it was.
        """
        touched = {zone.apex: zone for owner, _ in self._changes if (zone := find_zone(zones, owner))}
        over = {apex: changed(zone, self._within(zones, apex), zone.serial) for apex, zone in touched.items()}
        self.zones = {apex: self._not_before(zone) for apex, zone in {**zones, **over}.items()}
        self._loaded = zones
        self._changed()

    def records(self) -> list[Record]:
        """Return the records that were set at run time."""
        return [record for records in self._changes.values() for record in records]

    def removed(self) -> list[Key]:
        """Return the record sets that were taken away at run time."""
        return [key for key, records in self._changes.items() if not records]

    def add(self, record: Record) -> None:
        """Add one record to its set, which gets the new record's TTL (RFC 2181 5.2).

        Raises:
            ZoneError, RecordError: it does not fit; all stays as it was.
        """
        key = (record.owner.lower(), record.rrtype)
        kept = [r for r in self._current(key) if r.rdata.wire != record.rdata.wire]
        self._apply(key, (*kept, record))

    def replace(self, records: Iterable[Record]) -> None:
        """Put these records, all of one owner and type, in the place of that set."""
        wanted = tuple(records)
        self._apply((wanted[0].owner.lower(), wanted[0].rrtype), wanted)

    def remove(self, owner: bytes, rrtype: int) -> bool:
        """Take a record set away; tell whether there was one."""
        key = (owner.lower(), rrtype)
        if not self._current(key):
            return False
        self._apply(key, ())
        return True

    def reset(self) -> None:
        """Take every run-time change back."""
        touched = {zone.apex for owner, _ in self._changes if (zone := find_zone(self.zones, owner))}
        self.zones = {**self.zones, **{apex: self._next(self._loaded[apex], {}) for apex in touched}}
        self._changes = {}
        self._changed()

    def _current(self, key: Key) -> tuple[Record, ...]:
        owner, rrtype = key
        zone = find_zone(self.zones, owner)
        rrset = (zone.nodes.get(owner) or {}).get(rrtype) if zone else None
        if rrset is None:
            return ()
        return tuple(Record(rrset.owner, rrset.ttl, rrtype, rdata) for rdata in rrset.rdatas)

    def _apply(self, key: Key, records: tuple[Record, ...]) -> None:
        zone = find_zone(self.zones, key[0])
        if zone is None:
            raise RecordError(f"{to_text(key[0])} is in no zone served here")
        if key[1] == Type.SOA or (key == (zone.apex, Type.NS) and not records):
            raise RecordError(f"the {type_to_text(key[1])} of {to_text(key[0])} makes the zone and stays")
        if key not in self._changes and len(self._changes) == MOST_CHANGES:
            raise RecordError(f"{MOST_CHANGES} record sets have been changed already")
        self.zones = {**self.zones, zone.apex: self._next(zone, {key: records})}
        self._changes[key] = records
        self._changed()

    def _within(self, zones: Zones, apex: bytes) -> Changes:
        """Return the changes to one of these zones."""
        nearest = {key: find_zone(zones, key[0]) for key in self._changes}
        return {key: self._changes[key] for key, zone in nearest.items() if zone and zone.apex == apex}

    def _not_before(self, zone: Zone) -> Zone:
        """Give a zone that was read while the one in service went on a serial after it."""
        old = self.zones.get(zone.apex)
        return self._next(zone, {}) if old is not None and zone.serial <= old.serial else zone

    def _next(self, zone: Zone, changes: Changes) -> Zone:
        """Return a changed zone with the serial after the one in service (RFC 1982 3.1)."""
        return changed(zone, changes, (self.zones[zone.apex].serial + 1) % 2**32)
