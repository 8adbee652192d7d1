"""All zones served: the topology's records, the zone files over them, and run-time changes over both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from lab.topology import Topology, View
from services.dns.reference import yard, zonefile
from services.dns.reference.errors import ZoneError
from services.dns.reference.names import from_text, to_text
from services.dns.reference.zone import Record, Zone, build

SUFFIX = ".zone"
Sources = dict[bytes, list[Record]]
Zones = dict[bytes, Zone]


def gather(topology: Topology, view: View, directory: Path | None, serial: int) -> Sources:
    """Return the records of every zone by lowered apex.

    Args:
        topology: the yard.
        view: from where names are asked.
        directory: holds `NAME.zone` files in master format; None for the topology alone.
        serial: serial number of the zones that the topology makes.

    Raises:
        ZoneError: the first error in a file, with its line.
    """
    sources = yard.reverse_zones(topology, view, serial)
    sources[yard.DOMAIN] = yard.forward_records(topology, view, serial)
    for path in sorted(directory.glob(f"*{SUFFIX}")) if directory else ():
        apex = from_text(path.name.removesuffix(SUFFIX) + ".").lower()
        sources[apex] = overlay(sources.get(apex, []), read(path, apex))
    return sources


def build_all(sources: Mapping[bytes, list[Record]]) -> Zones:
    """Return every zone by lowered apex.

    Raises:
        ZoneError: records that make no zone.
    """
    return {apex: build(apex, records) for apex, records in sources.items()}


def read(path: Path, apex: bytes) -> list[Record]:
    """Return the records of one zone file; `$INCLUDE` is relative to its directory and stays within it.

    Raises:
        ZoneError: with file and line.
    """

    def include(name: str) -> str:
        wanted = (path.parent / name).resolve()
        if not wanted.is_relative_to(path.parent.resolve()):
            raise ValueError(f"{name!r} lies outside the directory of zones")
        return wanted.read_text(encoding="utf-8")

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ZoneError(path.name, str(error)) from error
    return list(zonefile.parse(text, path.name, apex, include))


def overlay(base: Iterable[Record], over: Iterable[Record]) -> list[Record]:
    """Return both, where each record set of `over` replaces the one of the same owner and type in `base`."""
    upper = list(over)
    replaced = {(record.owner.lower(), record.rrtype) for record in upper}
    return [r for r in base if (r.owner.lower(), r.rrtype) not in replaced] + upper


def describe(zones: Mapping[bytes, Zone]) -> dict[str, int]:
    """Return the serial number of each zone by its name."""
    return {to_text(apex): zone.serial for apex, zone in sorted(zones.items())}
