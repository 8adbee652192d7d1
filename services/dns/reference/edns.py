"""EDNS(0): the OPT record of queries and answers (RFC 6891)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from services.dns.reference.errors import MessageError
from services.dns.reference.rrtypes import Option, Rcode

VERSION = 0
MINIMUM_PAYLOAD = 512  # RFC 6891 6.2.3
ADVERTISED_PAYLOAD = 1232  # what passes every path without fragments (RFC 9715 3.2)
DO = 0x8000
_OPTION = struct.Struct("!HH")
_OPT = struct.Struct("!xHHBBHH")  # root owner, type 41, payload, high RCODE bits, version, flags, length


@dataclass(frozen=True, slots=True)
class Edns:
    """What the OPT record of a query says.

    Attributes:
        payload: largest UDP answer the asker takes, in octets, never under 512.
        version: EDNS version.
        dnssec_ok: the DO bit (RFC 3225).
        options: code and data of each option, in order.
        error: what is wrong with the options; an answer to a bad option still carries OPT.
    """

    payload: int
    version: int
    dnssec_ok: bool
    options: tuple[tuple[int, bytes], ...] = ()
    error: str = ""

    def option(self, code: int) -> bytes | None:
        """Return the data of the first option with this code, or None."""
        return next((data for found, data in self.options if found == code), None)


def parse_options(rrclass: int, ttl: int, rdata: bytes) -> Edns:
    """Return the OPT record whose class, TTL and data these are (RFC 6891 6.1.2).

    A malformed list of options is kept as `error`, to be answered FORMERR with an OPT record.
    """
    options: list[tuple[int, bytes]] = []
    position, error = 0, ""
    while position < len(rdata):
        if position + 4 > len(rdata):
            error = "an option header runs past the OPT record"
            break
        code, length = _OPTION.unpack_from(rdata, position)
        position += 4 + length
        if position > len(rdata):
            error = "option data runs past the OPT record"
            break
        options.append((code, rdata[position - length : position]))
    return Edns(
        payload=max(rrclass, MINIMUM_PAYLOAD),
        version=ttl >> 16 & 0xFF,
        dnssec_ok=bool(ttl & DO),
        options=tuple(options),
        error=error or _bad_option(options),
    )


def _bad_option(options: list[tuple[int, bytes]]) -> str:
    for code, data in options:
        if code == Option.COOKIE and len(data) != 8 and not 16 <= len(data) <= 40:
            return f"a cookie of {len(data)} octets (RFC 7873 5.2.2)"
    return ""


def check(edns: Edns | None) -> None:
    """Raise MessageError for an OPT record that is answered with an error.

    Raises:
        MessageError: BADVERS for a version over 0 (RFC 6891 6.1.3), FORMERR for malformed options.
    """
    if edns is None:
        return
    if edns.version > VERSION:
        raise MessageError(Rcode.BADVERS, f"EDNS version {edns.version} is not implemented")
    if edns.error:
        raise MessageError(Rcode.FORMERR, edns.error)


def pack_opt(rcode: int, dnssec_ok: bool, options: list[tuple[int, bytes]]) -> bytes:
    """Return the OPT record of an answer; `rcode` is the whole extended code."""
    rdata = b"".join(_OPTION.pack(code, len(data)) + data for code, data in options)
    flags = DO if dnssec_ok else 0
    return _OPT.pack(41, ADVERTISED_PAYLOAD, rcode >> 4, VERSION, flags, len(rdata)) + rdata
