"""The yard's own records, from its topology: addresses, name server, services, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from lab.topology import Service, Topology, View
from services.dns.reference import rdata
from services.dns.reference.names import from_text, reverse_of, to_text
from services.dns.reference.rrtypes import type_from_text
from services.dns.reference.tokens import Line, lines
from services.dns.reference.zone import Record

DOMAIN = from_text("wireyard.test.")
TTL = 300
NEGATIVE_TTL = 60
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
WHERE = "compose.yaml"


@dataclass(frozen=True, slots=True)
class Host:
    """One service as names see it: its authority, and the addresses that a client in the view uses."""

    authority: bytes
    addresses: tuple[str, ...]


def hosts(topology: Topology, view: View) -> list[Host]:
    """Return the named services of the yard with their addresses in `view`."""
    return [
        Host(from_text(service.authority + "."), addresses)
        for service in topology.services.values()
        if "." in service.authority and (addresses := _addresses(service, view))
    ]


def _addresses(service: Service, view: View) -> tuple[str, ...]:
    if view is View.NETWORK:
        return tuple(a for at in service.attachments for a in (at.ipv4, at.ipv6) if a)
    published = {port.host[0] for port in service.ports.values() if port.host}
    return tuple(sorted(published)) or ("127.0.0.1",)


def networks(topology: Topology, view: View) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks whose reverse zones the yard answers for."""
    if view is View.HOST:
        return LOOPBACK[:1]
    return tuple(subnet for network in topology.networks.values() for subnet in network.subnets)


def forward_records(topology: Topology, view: View, serial: int) -> list[Record]:
    """Return what the topology says about `wireyard.test`: SOA, NS and every address."""
    records = list(_top(DOMAIN, serial))
    for host in hosts(topology, view):
        for address in host.addresses:
            records.append(_record(host.authority, "AAAA" if ":" in address else "A", address))
    return records


def reverse_zones(topology: Topology, view: View, serial: int) -> dict[bytes, list[Record]]:
    """Return the records of each reverse zone by apex."""
    zones = {zone_of(network): network for network in networks(topology, view)}
    return {
        apex: [*_top(apex, serial), *_pointers(network, hosts(topology, view))]
        for apex, network in zones.items()
    }


def zone_of(network: IPv4Network | IPv6Network) -> bytes:
    """Return the reverse zone of a network, cut at a whole octet or nibble."""
    step = 8 if network.version == 4 else 4
    kept = network.prefixlen // step
    labels = reverse_of(str(network.network_address))
    total = 4 if network.version == 4 else 32
    for _ in range(total - kept):
        labels = labels[labels[0] + 1 :]
    return labels


def _pointers(network: IPv4Network | IPv6Network, known: Iterable[Host]) -> Iterator[Record]:
    for host in known:
        for address in host.addresses:
            if ip_address(address) in network:
                yield _record(reverse_of(address), "PTR", to_text(host.authority))


def _top(apex: bytes, serial: int) -> Iterator[Record]:
    server, person = "dns.wireyard.test.", "hostmaster.wireyard.test."
    yield _record(apex, "SOA", f"{server} {person} {serial} 1h 10m 1w {NEGATIVE_TTL}")
    yield _record(apex, "NS", server)


def _record(owner: bytes, rrtype: str, text: str) -> Record:
    number = type_from_text(rrtype)
    line: Line = next(lines(text, WHERE))
    return Record(owner, TTL, number, rdata.from_words(number, line.words, DOMAIN), WHERE)
