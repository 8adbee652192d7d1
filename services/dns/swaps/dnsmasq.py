"""dnsmasq with what it can hold of the yard's zones: addresses, their names, plain records of other types.

`python3 -m services.dns.swaps.dnsmasq` writes its configuration and becomes dnsmasq.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from ipaddress import ip_address

from lab.topology import View
from lab.topology import load as load_topology
from services.dns.reference import catalogue
from services.dns.reference.names import to_text
from services.dns.reference.packed import RRset
from services.dns.reference.rrtypes import Type
from services.dns.reference.settings import ZONES
from services.dns.reference.zone import Zone

_ADDRESSES = {Type.A, Type.AAAA}
# What dnsmasq makes itself, or cannot hold.
_LEFT_OUT = {Type.SOA, Type.NS, Type.CNAME}
_SETTINGS = ("no-resolv", "no-hosts", "no-daemon", "user=", "cache-size=0", "log-facility=-")


def lines(address: str, port: str, view: View) -> Iterator[str]:
    """The configuration file, line by line."""
    yield from (*_SETTINGS, f"port={port}")
    if address != "*":
        yield from (*(f"listen-address={one}" for one in address.split(",")), "bind-interfaces")
    for zone in catalogue.gather(load_topology(), view, ZONES, int(time.time())).values():
        yield from _zone(zone)


def _zone(zone: Zone) -> Iterator[str]:
    yield f"local=/{to_text(zone.apex).rstrip('.')}/"
    for node in zone.nodes.values():
        for rrset in node.values():
            yield from _records(rrset)


def _records(rrset: RRset) -> Iterator[str]:
    owner = to_text(rrset.owner).rstrip(".")
    if rrset.rrtype in _LEFT_OUT or "\\" in owner or "*" in owner:
        return
    for rdata in rrset.rdatas:
        if rrset.rrtype in _ADDRESSES:
            yield f"host-record={owner},{ip_address(rdata.wire)},{rrset.ttl}"
        else:
            yield f"dns-rr={owner},{int(rrset.rrtype)},{rdata.wire.hex()}"


def main() -> None:
    """Writes the file, then is dnsmasq."""
    environ = os.environ
    told = lines(environ["WIREYARD_ADDRESS"], environ["WIREYARD_PORT"], View(environ["WIREYARD_VIEW"]))
    with tempfile.NamedTemporaryFile("w", prefix="dnsmasq-", suffix=".conf", delete=False) as file:
        file.write("".join(f"{line}\n" for line in told))
    os.execvp("dnsmasq", ["dnsmasq", f"--conf-file={file.name}"])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
