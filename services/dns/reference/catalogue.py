"""All zones served: the topology's records, the zone files over them, and run-time changes over both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lab.topology import Topology, View
from services.dns.reference import yard, zonefile
from services.dns.reference.builder import build
from services.dns.reference.errors import ZoneError
from services.dns.reference.names import from_text, to_text
from services.dns.reference.zone import Record, Zone

SUFFIX = ".zone"
Zones = dict[bytes, Zone]


def gather(topology: Topology, view: View, directory: Path | None, serial: int) -> Zones:
    """Return every zone by lowered apex.

    Args:
        topology: the yard.
        view: from where names are asked.
        directory: holds `NAME.zone` files in master format, whose record sets replace the topology's of the
            same owner and type; None for the topology alone.
        serial: serial number of the zones that the topology makes.

    Raises:
        ZoneError: the first error in a file, with its line.
    """
    base: dict[bytes, list[Record]] = yard.reverse_zones(topology, view, serial)
    base[yard.DOMAIN] = yard.forward_records(topology, view, serial)
    paths = sorted(directory.glob(f"*{SUFFIX}")) if directory else []
    files = {from_text(path.name.removesuffix(SUFFIX) + ".").lower(): path for path in paths}
    return {
        apex: build(apex, read(files[apex], apex) if apex in files else (), base.get(apex, ()))
        for apex in {**base, **files}
    }


def read(path: Path, apex: bytes) -> Iterator[Record]:
    """Yield the records of one zone file; `$INCLUDE` is relative to its directory and stays within it.

    Raises:
        ZoneError: with file and line.
    """

    def include(name: str) -> str:
        wanted = (path.parent / name).resolve()
        if not wanted.is_relative_to(path.parent.resolve()):
            raise ValueError(f"{name!r} lies outside the directory of zones")
        try:
            return wanted.read_text(encoding="utf-8")
        except OSError as error:
            raise ValueError(f"{name!r} cannot be read: {error.strerror}") from error

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ZoneError(path.name, str(error)) from error
    yield from zonefile.parse(text, path.name, apex, include)


def describe(zones: Mapping[bytes, Zone]) -> dict[str, int]:
    """Return the serial number of each zone by its name."""
    return {to_text(apex): zone.serial for apex, zone in sorted(zones.items())}
