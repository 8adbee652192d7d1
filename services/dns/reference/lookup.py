"""The algorithm of RFC 1034 4.3.2 with wildcards (RFC 4592), DNAME (RFC 6672) and minimal ANY (RFC 8482)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.dns.reference.names import MAX_NAME, ROOT, ancestors, is_within
from services.dns.reference.packed import Node, RRset
from services.dns.reference.rdata import Rdata
from services.dns.reference.rrtypes import Rcode, Type
from services.dns.reference.wire import skip_name
from services.dns.reference.zone import WILDCARD, Zone

MAX_CHAIN = 16
Zones = Mapping[bytes, Zone]
# Types with targets whose addresses belong into the additional section (RFC 1034 4.3.2, RFC 9460 4.1), and
# the octets before the target.
TARGETS: Mapping[int, int] = {Type.NS: 0, Type.MX: 2, Type.SRV: 6, Type.SVCB: 2, Type.HTTPS: 2}
_ITSELF = (Type.SVCB, Type.HTTPS)  # whose root as the target means the owner (RFC 9460 2.5)


@dataclass(slots=True)
class Answer:
    """The outcome of a look-up.

    Attributes:
        rcode: NOERROR, NXDOMAIN, REFUSED or SERVFAIL.
        authoritative: the AA bit.
        sections: answer, authority and additional record sets.
        keep: whether the outcome hangs on the question's name alone and is worth caching: an existing
            name, neither a wildcard's child nor a name that does not exist.
        required: whether the additional records must be present, since they are the only way on (glue,
            RFC 9471 2.1).
    """

    rcode: int = Rcode.NOERROR
    authoritative: bool = True
    answer: list[RRset] = field(default_factory=list)
    authority: list[RRset] = field(default_factory=list)
    additional: list[RRset] = field(default_factory=list)
    keep: bool = True
    required: bool = False


def find_zone(zones: Zones, qname: bytes, qtype: int = Type.A) -> Zone | None:
    """Return the zone nearest to a lowered name; DS belongs to the parent's side (RFC 4035 3.1.4.1)."""
    names = ancestors(qname)
    if qtype == Type.DS and qname in zones and len(qname) > 1:
        above = find_zone(zones, qname[qname[0] + 1 :])
        if above is not None:
            return above
    return next((zones[name] for name in names if name in zones), None)


def look_up(zones: Zones, qname: bytes, qtype: int, *, everything: bool = False) -> Answer:
    """Return what the zones say about a name and type.

    Args:
        zones: every zone served, by lowered apex.
        qname: wire form, in any case; owners of answers repeat it.
        qtype: type asked for; ANY gives one record set (RFC 8482 4.1).
        everything: give all record sets for ANY, as fits a connection that no one can spoof.
    """
    return _Walk(zones, qtype, everything).run(qname)


class _Walk:
    """One look-up: the chain of names it follows and the answer that grows with each."""

    def __init__(self, zones: Zones, qtype: int, everything: bool) -> None:
        self._zones = zones
        self._qtype = qtype
        self._everything = everything
        self._result = Answer()

    def run(self, qname: bytes) -> Answer:
        result = self._result
        seen: set[bytes] = set()
        name: bytes | None = qname
        while name is not None and name.lower() not in seen and len(seen) < MAX_CHAIN:
            seen.add(name.lower())
            zone = find_zone(self._zones, name.lower(), self._qtype)
            if zone is None:
                return result if result.answer else Answer(Rcode.REFUSED, authoritative=False)
            name = self._step(zone, name)
        _add_addresses(self._zones, result)
        return result

    def _step(self, zone: Zone, name: bytes) -> bytes | None:
        """Answer one link of the chain; return the alias to follow, or None."""
        lowered = name.lower()
        closest = zone.apex
        for ancestor in _from_apex(zone, lowered):
            if ancestor not in zone.nodes:
                break
            closest = ancestor
            if ancestor not in zone.cuts:
                continue
            node = zone.nodes[ancestor]
            if Type.NS in node and ancestor != zone.apex and not self._is_ds_at(ancestor, lowered):
                self._refer(node[Type.NS])
                return None
            if Type.DNAME in node and ancestor != lowered:
                return self._redirect(node[Type.DNAME], name, ancestor)
        if closest == lowered:
            return self._match(zone, name, zone.nodes[lowered])
        return self._synthesise(zone, name, closest)

    def _is_ds_at(self, cut: bytes, lowered: bytes) -> bool:
        return cut == lowered and self._qtype == Type.DS

    def _refer(self, cut: RRset) -> None:
        """Delegate (RFC 1034 4.3.2 step 3b): the NS records of the cut, with glue."""
        self._result.authoritative = bool(self._result.answer)
        self._result.authority.append(cut)
        self._result.required = True

    def _redirect(self, dname: RRset, name: bytes, owner: bytes) -> bytes | None:
        """Substitute the owner of a DNAME by its target and say so by a CNAME (RFC 6672 2.2, 3.1)."""
        target = name[: len(name) - len(owner)] + dname.rdatas[0].wire
        self._result.answer.append(dname)
        self._result.keep = False
        if len(target) > MAX_NAME:
            self._result.rcode = Rcode.YXDOMAIN
            return None
        self._result.answer.append(RRset(name, Type.CNAME, dname.ttl, (Rdata(b"", (target,)),)))
        return target

    def _synthesise(self, zone: Zone, name: bytes, closest: bytes) -> bytes | None:
        """Answer a name that does not exist: from the wildcard at the closest encloser, or NXDOMAIN."""
        self._result.keep = False
        wildcard = zone.nodes.get(WILDCARD + closest)
        if wildcard is not None:
            return self._match(zone, name, wildcard)
        self._result.rcode = Rcode.NXDOMAIN
        self._result.authority.append(zone.negative_soa)
        return None

    def _match(self, zone: Zone, name: bytes, node: Node) -> bytes | None:
        found = self._selected(node)
        self._result.answer += [replace(rrset, owner=name) for rrset in found]
        if found:
            return None
        alias = node.get(Type.CNAME)
        if alias is not None:
            self._result.answer.append(replace(alias, owner=name))
            return alias.rdatas[0].target
        self._result.authority.append(zone.negative_soa)
        return None

    def _selected(self, node: Node) -> list[RRset]:
        if self._qtype != Type.ANY:
            return [node[self._qtype]] if self._qtype in node else []
        sets = [node[rrtype] for rrtype in sorted(node)]
        return sets if self._everything else sets[:1]


def _from_apex(zone: Zone, lowered: bytes) -> list[bytes]:
    """Return the names from the apex down to `lowered`."""
    return [name for name in ancestors(lowered) if len(name) >= len(zone.apex)][::-1]


def _add_addresses(zones: Zones, result: Answer) -> None:
    """Add the addresses of targets that are known here (RFC 1034 4.3.2 step 6)."""
    present = {(rrset.owner.lower(), rrset.rrtype) for rrset in result.answer}
    for rrset in [*result.answer, *result.authority]:
        if rrset.rrtype not in TARGETS:
            continue
        for rdata in rrset.rdatas:
            for found in _addresses(zones, _target(rrset, rdata).lower()):
                if (found.owner.lower(), found.rrtype) not in present:
                    present.add((found.owner.lower(), found.rrtype))
                    result.additional.append(found)


def _target(rrset: RRset, rdata: Rdata) -> bytes:
    if rdata.names:
        return rdata.target
    behind = rdata.head[TARGETS[rrset.rrtype] :]
    target = behind[: skip_name(behind, 0)]
    return rrset.owner if target == ROOT and rrset.rrtype in _ITSELF else target


def _addresses(zones: Zones, target: bytes) -> list[RRset]:
    zone = next((zones[name] for name in ancestors(target) if name in zones), None)
    if zone is None or not is_within(target, zone.apex):
        return []
    node = zone.nodes.get(target) or {}
    return [node[rrtype] for rrtype in (Type.A, Type.AAAA) if rrtype in node]
