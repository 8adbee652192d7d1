"""The records of one name in a few octets: a zone of a hundred thousand names is then as many small strings.

As objects the record sets of a name take a kilobyte; packed, an address takes 64 octets. A name's sets stand
one behind the other, each as

    count of records (2 octets) · whether its owner is spelled otherwise than the key (1) · that spelling
    type (2) · class (2) · TTL (4) · for each record: length (2) · data

so that a set of one record ends with what an answer says behind the owner.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.dns.reference.rdata import Rdata, from_wire
from services.dns.reference.rrtypes import CLASS_IN

_FRONT = struct.Struct("!H?")
_FIXED = struct.Struct("!HHI")
_LENGTH = struct.Struct("!H")
_ALONE = _FRONT.pack(1, False)  # how a node starts that is one record, spelled like its key
_BEHIND_ALONE = _FRONT.size + _FIXED.size + _LENGTH.size


@dataclass(frozen=True, slots=True)
class RRset:
    """The records of one owner and type (RFC 2181 5); `ttl` in seconds is the same for all."""

    owner: bytes
    rrtype: int
    ttl: int
    rdatas: tuple[Rdata, ...]


Node = Mapping[int, RRset]


@dataclass(frozen=True, slots=True)
class Stored:
    """One packed set: its type and TTL, and where it starts, where its records do, and where it ends."""

    rrtype: int
    ttl: int
    count: int
    start: int
    records: int
    end: int


def pack(key: bytes, rrset: RRset) -> bytes:
    """Return the octets of a set that is kept under `key`, its owner in lower case."""
    spelled = rrset.owner != key
    wires = [rdata.wire for rdata in rrset.rdatas]
    front = _FRONT.pack(len(wires), spelled) + (rrset.owner if spelled else b"")
    data = b"".join(_LENGTH.pack(len(wire)) + wire for wire in wires)
    return front + _FIXED.pack(rrset.rrtype, CLASS_IN, rrset.ttl) + data


def stored(key: bytes, value: bytes) -> Iterator[Stored]:
    """Yield where each set of a node stands."""
    end = 0
    while end < len(value):
        start = end
        count, spelled = _FRONT.unpack_from(value, start)
        fixed = start + _FRONT.size + (len(key) if spelled else 0)
        rrtype, _, ttl = _FIXED.unpack_from(value, fixed)
        end = records = fixed + _FIXED.size
        for _ in range(count):
            end += 2 + _LENGTH.unpack_from(value, end)[0]
        yield Stored(rrtype, ttl, count, start, records, end)


def wires(value: bytes, at: Stored) -> Iterator[bytes]:
    """Yield the data of each record of a set."""
    position = at.records
    for _ in range(at.count):
        length = _LENGTH.unpack_from(value, position)[0]
        position += 2 + length
        yield value[position - length : position]


def unpack(key: bytes, value: bytes) -> dict[int, RRset]:
    """Return the sets of a node by type."""
    return {at.rrtype: _rrset(key, value, at) for at in stored(key, value)}


def _rrset(key: bytes, value: bytes, at: Stored) -> RRset:
    spelled = at.records - at.start > _FRONT.size + _FIXED.size
    owner = value[at.start + _FRONT.size :][: len(key)] if spelled else key
    rdatas = tuple(from_wire(at.rrtype, wire) for wire in wires(value, at))
    return RRset(owner, at.rrtype, at.ttl, rdatas)


def without(key: bytes, value: bytes, rrtype: int) -> bytes:
    """Return a node without the set of one type."""
    return b"".join(value[at.start : at.end] for at in stored(key, value) if at.rrtype != rrtype)


def records_of(key: bytes, value: bytes, rrtype: bytes, owner: bytes) -> tuple[bytes, bytes]:
    """Return how many records of a type a node has, and the records as they stand in a message.

    Args:
        rrtype: two octets, as in a question.
        owner: what stands in each record for its owner.
    """
    if value[:5] == _ALONE + rrtype and len(value) == _BEHIND_ALONE + _LENGTH.unpack_from(value, 11)[0]:
        return value[:2], owner + value[_FRONT.size :]
    wanted = int.from_bytes(rrtype)
    at = next((at for at in stored(key, value) if at.rrtype == wanted), None)
    if at is None:
        return b"\0\0", b""
    fixed = owner + value[at.records - _FIXED.size : at.records]
    records = [fixed + _LENGTH.pack(len(wire)) + wire for wire in wires(value, at)]
    return at.count.to_bytes(2), b"".join(records)
