"""Record data: from the words of a zone file to wire form, by one table of fields a type.

Wire form is kept in three pieces, because only the names of the types of RFC 1035 may be compressed
when the record is written into a message (RFC 3597 4).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.dns.reference import fields
from services.dns.reference.errors import NameSyntaxError, RecordError
from services.dns.reference.fields import Field, Words
from services.dns.reference.names import MAX_LABEL
from services.dns.reference.rrtypes import Type, type_to_text
from services.dns.reference.tokens import Token

MAX_RDATA = 0xFFFF


@dataclass(frozen=True, slots=True)
class Rdata:
    """The data of one record.

    Attributes:
        head: octets before the first compressible name; everything, for most types.
        names: compressible names, uncompressed, next to each other.
        tail: octets after them.
    """

    head: bytes
    names: tuple[bytes, ...] = ()
    tail: bytes = b""

    @property
    def wire(self) -> bytes:
        """The whole rdata without compression (the form that RFC 4034 6.2 compares)."""
        return self.head + b"".join(self.names) + self.tail

    @property
    def target(self) -> bytes:
        """The last name of a CNAME, NS, PTR, MX or SOA."""
        return self.names[-1]


FIELDS: dict[int, tuple[Field, ...]] = {
    Type.A: (fields.ip4,),  # RFC 1035 3.4.1
    Type.NS: (fields.name,),  # RFC 1035 3.3.11
    Type.CNAME: (fields.name,),  # RFC 1035 3.3.1
    Type.SOA: (fields.name, fields.name, fields.u32, *[fields.ttl] * 4),  # RFC 1035 3.3.13
    Type.PTR: (fields.name,),  # RFC 1035 3.3.12
    Type.HINFO: (fields.string, fields.string),  # RFC 1035 3.3.2
    Type.MX: (fields.u16, fields.name),  # RFC 1035 3.3.9
    Type.TXT: (fields.strings,),  # RFC 1035 3.3.14
    Type.SPF: (fields.strings,),  # RFC 7208 3.1
    Type.RP: (fields.name, fields.name),  # RFC 1183 2.2
    Type.AFSDB: (fields.u16, fields.name),  # RFC 1183 1
    Type.AAAA: (fields.ip6,),  # RFC 3596 2.2
    Type.LOC: (fields.location,),  # RFC 1876 2
    Type.SRV: (fields.u16, fields.u16, fields.u16, fields.name),  # RFC 2782
    Type.NAPTR: (fields.u16, fields.u16, *[fields.string] * 3, fields.name),  # RFC 3403 4.1
    Type.KX: (fields.u16, fields.name),  # RFC 2230 3.1
    Type.CERT: (fields.u16, fields.u16, fields.u8, fields.base64),  # RFC 4398 2
    Type.DNAME: (fields.name,),  # RFC 6672 2.1
    Type.DS: (fields.u16, fields.u8, fields.u8, fields.hexadecimal),  # RFC 4034 5.1
    Type.SSHFP: (fields.u8, fields.u8, fields.hexadecimal),  # RFC 4255 3.1
    Type.DNSKEY: (fields.u16, fields.u8, fields.u8, fields.base64),  # RFC 4034 2.1
    Type.TLSA: (fields.u8, fields.u8, fields.u8, fields.hexadecimal),  # RFC 6698 2.1
    Type.SMIMEA: (fields.u8, fields.u8, fields.u8, fields.hexadecimal),  # RFC 8162 2
    Type.OPENPGPKEY: (fields.base64,),  # RFC 7929 2.1
    Type.SVCB: (fields.u16, fields.name, fields.service_parameters),  # RFC 9460 2.2
    Type.HTTPS: (fields.u16, fields.name, fields.service_parameters),  # RFC 9460 9
    Type.URI: (fields.u16, fields.u16, fields.octets),  # RFC 7553 4.5
    Type.CAA: (fields.u8, fields.tag, fields.octets),  # RFC 8659 4.1
}

# Types of RFC 1035 with names, which may be compressed (RFC 3597 4): octets before the first name, names,
# octets behind the last.
NAMES: dict[int, tuple[int, int, int]] = {
    Type.NS: (0, 1, 0),
    Type.CNAME: (0, 1, 0),
    Type.PTR: (0, 1, 0),
    Type.MX: (2, 1, 0),
    Type.SOA: (0, 2, 20),
}


def from_words(rrtype: int, words: Sequence[Token], origin: bytes) -> Rdata:
    """Return the data of a record from its words.

    Raises:
        RecordError: a missing, superfluous or impossible field; the message names it.
    """
    if words and words[0].text == "\\#" and not words[0].quoted:
        return _unknown(rrtype, words[1:])
    if rrtype not in FIELDS:
        raise RecordError(f"{type_to_text(rrtype)} can be written only as \\# LENGTH HEX (RFC 3597 5)")
    supply = Words(list(words), origin)
    try:
        parts = [field(supply) for field in FIELDS[rrtype]]
        supply.end()
    except (ValueError, NameSyntaxError) as error:
        raise RecordError(f"{type_to_text(rrtype)} data: {error}") from error
    return _joined(rrtype, parts)


def _joined(rrtype: int, parts: list[bytes]) -> Rdata:
    wire = b"".join(parts)
    if len(wire) > MAX_RDATA:
        raise RecordError(f"{type_to_text(rrtype)} data is longer than {MAX_RDATA} octets")
    return from_wire(rrtype, wire)


def _unknown(rrtype: int, words: Sequence[Token]) -> Rdata:
    r"""Read `\# LENGTH HEX…` (RFC 3597 5)."""
    try:
        length, data = int(words[0].text), bytes.fromhex("".join(word.text for word in words[1:]))
    except (IndexError, ValueError) as error:
        raise RecordError("\\# needs a decimal length and hexadecimal octets (RFC 3597 5)") from error
    if length != len(data):
        raise RecordError(f"\\# says {length} octets and gives {len(data)} (RFC 3597 5)")
    return from_wire(rrtype, data)


def from_wire(rrtype: int, wire: bytes) -> Rdata:
    """Return data in its three pieces.

    Raises:
        RecordError: the names that the type has are not whole, or something else stands behind them.
    """
    layout = NAMES.get(rrtype)
    if layout is None:
        return Rdata(wire)
    head, count, tail = layout
    ends = [head]
    try:
        for _ in range(count):
            ends.append(_behind_name(wire, ends[-1]))
    except IndexError:
        raise RecordError(f"{type_to_text(rrtype)} data ends within a name") from None
    if len(wire) - ends[-1] != tail:
        raise RecordError(f"{type_to_text(rrtype)} data of {len(wire)} octets is of another length")
    return Rdata(wire[:head], tuple(wire[a:b] for a, b in pairwise(ends)), wire[ends[-1] :])


def _behind_name(wire: bytes, position: int) -> int:
    while length := wire[position]:
        if length > MAX_LABEL:
            raise RecordError("a compressed name cannot stand in a zone (RFC 3597 4)")
        position += 1 + length
    return position + 1


def soa_minimum(rdata: Rdata) -> int:
    """Return the MINIMUM field of SOA data, the bound of negative TTLs (RFC 2308 4)."""
    return int(struct.unpack("!I", rdata.tail[-4:])[0])


def soa_serial(rdata: Rdata) -> int:
    """Return the SERIAL field of SOA data."""
    return int(struct.unpack("!I", rdata.tail[:4])[0])
