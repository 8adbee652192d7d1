"""`python -m services.dns.reference.export DIRECTORY`: each zone as one master file, for other servers."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.topology import View
from lab.topology import load as load_topology
from services.dns.reference import catalogue
from services.dns.reference.names import to_text
from services.dns.reference.rrtypes import Type, type_to_text
from services.dns.reference.settings import ZONES
from services.dns.reference.zone import Zone


def lines(zone: Zone) -> Iterator[str]:
    """Yield the records of a zone, SOA first, data in the form that suits every type (RFC 3597 5)."""
    nodes = sorted(zone.nodes.items(), key=lambda item: item[0] != zone.apex)
    for _, node in nodes:
        for rrset in sorted(node.values(), key=lambda rrset: rrset.rrtype != Type.SOA):
            for rdata in rrset.rdatas:
                head = f"{to_text(rrset.owner)} {rrset.ttl} IN {type_to_text(rrset.rrtype)}"
                yield f"{head} \\# {len(rdata.wire)} {rdata.wire.hex()}".rstrip()


def export(zones: Sequence[Zone], directory: Path) -> list[Path]:
    """Write `NAME.zone` for each zone into `directory`, made if need be; return the files."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for zone in zones:
        path = directory / f"{to_text(zone.apex).rstrip('.')}{catalogue.SUFFIX}"
        path.write_text("\n".join(lines(zone)) + "\n", encoding="ascii")
        written.append(path)
    return written


def main(arguments: Sequence[str]) -> int:
    """Write the yard's zones as WIREYARD_VIEW sees them; return an exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m services.dns.reference.export DIRECTORY\n")
        return 2
    view = View(os.environ.get("WIREYARD_VIEW", View.NETWORK))
    zones = catalogue.gather(load_topology(), view, ZONES, int(time.time()))
    for path in export(list(zones.values()), Path(arguments[0])):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
