"""Numbers of the DNS registries that this service names: types, opcodes, RCODEs, classes, options."""

from __future__ import annotations

from enum import IntEnum

from services.dns.reference.errors import RecordError

CLASS_IN = 1
CLASS_ANY = 255


class Type(IntEnum):
    """Resource record types (RFC 6895 3.1 and the registry it keeps)."""

    A = 1
    NS = 2
    CNAME = 5
    SOA = 6
    PTR = 12
    HINFO = 13
    MX = 15
    TXT = 16
    RP = 17
    AFSDB = 18
    SIG = 24
    AAAA = 28
    LOC = 29
    SRV = 33
    NAPTR = 35
    KX = 36
    CERT = 37
    DNAME = 39
    OPT = 41
    DS = 43
    SSHFP = 44
    RRSIG = 46
    NSEC = 47
    DNSKEY = 48
    TLSA = 52
    SMIMEA = 53
    OPENPGPKEY = 61
    SVCB = 64
    HTTPS = 65
    SPF = 99
    TKEY = 249
    TSIG = 250
    IXFR = 251
    AXFR = 252
    MAILB = 253
    MAILA = 254
    ANY = 255
    URI = 256
    CAA = 257


class Opcode(IntEnum):
    """Kinds of message (RFC 6895 2.2)."""

    QUERY = 0
    IQUERY = 1
    STATUS = 2
    NOTIFY = 4
    UPDATE = 5
    DSO = 6


class Rcode(IntEnum):
    """Response codes, extended ones included (RFC 6895 2.3)."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    YXDOMAIN = 6
    NOTAUTH = 9
    BADVERS = 16
    BADCOOKIE = 23


class Option(IntEnum):
    """EDNS(0) option codes that this service acts on."""

    NSID = 3
    COOKIE = 10
    TCP_KEEPALIVE = 11
    PADDING = 12
    EDE = 15


class ExtendedError(IntEnum):
    """INFO-CODEs of extended DNS errors (RFC 8914 4)."""

    OTHER = 0
    STALE_ANSWER = 3
    FORGED_ANSWER = 4
    CACHED_ERROR = 13
    NOT_READY = 14
    PROHIBITED = 18
    NOT_AUTHORITATIVE = 20
    NOT_SUPPORTED = 21
    NO_REACHABLE_AUTHORITY = 22
    NETWORK_ERROR = 23
    INVALID_DATA = 24


def type_from_text(text: str) -> int:
    """Return the number of a type mnemonic in any case, or of `TYPEnnn` (RFC 3597 5).

    Raises:
        RecordError: no such type, or one that cannot stand in a zone.
    """
    upper = text.upper()
    if upper in Type.__members__:
        return Type[upper]
    if upper.startswith("TYPE") and upper[4:].isdecimal() and int(upper[4:]) <= 0xFFFF:
        return int(upper[4:])
    raise RecordError(f"{text!r} is no record type")


def type_to_text(rrtype: int) -> str:
    """Return the mnemonic of a type, or `TYPEnnn`."""
    try:
        return Type(rrtype).name
    except ValueError:
        return f"TYPE{rrtype}"


def rcode_to_text(rcode: int) -> str:
    """Return the mnemonic of a response code, or `RCODEnnn`."""
    try:
        return Rcode(rcode).name
    except ValueError:
        return f"RCODE{rcode}"


def is_meta(rrtype: int) -> bool:
    """Tell whether a type exists only in questions and messages, never in zones (RFC 6895 3.1)."""
    return rrtype in (0, Type.OPT) or 128 <= rrtype <= 255
