"""Zone transfer (RFC 5936) to the yard's own networks; IXFR is answered with the whole zone (RFC 1995 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_address

from services.dns.reference.errors import MessageError
from services.dns.reference.exchange import Delivery, Outcome, Request, Transport
from services.dns.reference.lookup import Answer, Zones
from services.dns.reference.message import Writer
from services.dns.reference.packed import RRset
from services.dns.reference.reply import Replier
from services.dns.reference.rrtypes import Rcode, Type
from services.dns.reference.wire import AA, QR, RD, Query, skip_name
from services.dns.reference.zone import Zone

MESSAGE = 16_384  # compression reaches this far (RFC 5936 3.4), and a message stays small
Networks = Sequence[IPv4Network | IPv6Network]


class Transfers:
    """Sends whole zones to askers in `networks`."""

    def __init__(self, replier: Replier, networks: Networks) -> None:
        self._replier = replier
        self._networks = networks

    def answer(self, request: Request, zones: Zones) -> Outcome:
        """Return the outcome of an AXFR or IXFR query.

        Raises:
            MessageError: FORMERR for AXFR over UDP (RFC 5936 4.2), REFUSED for askers from elsewhere,
                NOTAUTH for a name that is no zone here (RFC 5936 2.2.1).
        """
        query, asker = request.query, request.asker
        if asker.transport is Transport.UDP and query.qtype == Type.AXFR:
            raise MessageError(Rcode.FORMERR, "AXFR is not defined over UDP (RFC 5936 4.2)")
        if asker.transport is Transport.HTTPS or not self._may(asker.address):
            raise MessageError(Rcode.REFUSED, "zones are transferred within the yard only")
        zone = zones.get(query.qname.lower())
        if zone is None:
            raise MessageError(Rcode.NOTAUTH, "no zone of this name is served here")
        if query.qtype == Type.IXFR and (asker.transport is Transport.UDP or is_current(query, zone)):
            wire = self._replier.write(request, Answer(answer=[zone.soa]))
            return Outcome((Delivery(wire),), query)
        return Outcome((), query, stream=self.messages(request, zone))

    def messages(self, request: Request, zone: Zone) -> Iterator[bytes]:
        """Yield the messages of a transfer: SOA, everything else, SOA (RFC 5936 2.2), OPT in each (2.2.5)."""
        query = request.query
        flags = QR | AA | query.head.flags & RD
        writer, filled = _writer(query, first=True), 0
        for rrset in _records(zone):
            writer.section(0, [rrset])
            filled += 1
            if writer.size >= MESSAGE:
                yield writer.finish(query.head.id, flags, self._replier.opt(request, writer.size))
                writer, filled = _writer(query, first=False), 0
        if filled:
            yield writer.finish(query.head.id, flags, self._replier.opt(request, writer.size))

    def _may(self, address: str) -> bool:
        parsed = ip_address(address)
        return any(parsed in network for network in self._networks if network.version == parsed.version)


def is_current(query: Query, zone: Zone) -> bool:
    """Tell whether the SOA that an IXFR query carries is no older than the zone (RFC 1995 3)."""
    if not query.head.authorities:
        return False
    data = query.wire
    position = skip_name(data, query.question_end) + 10
    position = skip_name(data, skip_name(data, position))
    serial = int.from_bytes(data[position : position + 4])
    return (zone.serial - serial) % 2**32 == 0 or (serial - zone.serial) % 2**32 < 2**31  # RFC 1982 3.2


def _writer(query: Query, *, first: bool) -> Writer:
    return Writer(query.question if first else b"", query.qname if first else b"", 0xFFFF)


def _records(zone: Zone) -> Iterator[RRset]:
    yield zone.soa
    for node in zone.nodes.values():
        for rrset in node.values():
            if rrset.rrtype != Type.SOA:
                for rdata in rrset.rdatas:
                    yield replace(rrset, rdatas=(rdata,))
    yield zone.soa
