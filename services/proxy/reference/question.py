"""DNS questions for a name's addresses, and what may be believed of answers (RFC 1035, RFC 5452). No I/O."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from dnslib import QTYPE, RCODE, DNSRecord

from services.proxy.reference.errors import Cause, Refusal
from services.proxy.reference.special import Address

_TYPES = (QTYPE.AAAA, QTYPE.A)


@dataclass(frozen=True, slots=True)
class Question:
    """One question on the wire: its 16-bit `id`, the type, the packet."""

    id: int
    name: str
    type: int
    packet: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to our own question; `truncated` asks for another try over TCP."""

    addresses: tuple[Address, ...]
    rcode: str
    truncated: bool


def questions(name: str) -> list[Question]:
    """AAAA and A, each with an id that cannot be guessed (RFC 5452 9.2)."""
    asked = []
    for kind in _TYPES:
        record = DNSRecord.question(f"{name}.", QTYPE[kind])
        record.header.id = secrets.randbits(16)
        asked.append(Question(record.header.id, name, kind, record.pack()))
    return asked


def read(question: Question, packet: bytes) -> Reply | None:
    """What `packet` answers, or None when it does not answer `question` (RFC 5452 9.1). Raises Refusal."""
    if len(packet) < 12 or packet[:2] != question.packet[:2] or not packet[2] & 0x80:
        return None
    try:
        record = DNSRecord.parse(packet)
        if len(record.questions) != 1 or not _same(record, question):
            return None
        header = record.header
        return Reply(_addresses(record, question.type), str(RCODE[header.rcode]), bool(header.tc))
    except Exception as error:
        raise Refusal(502, Cause.DNS_ERROR, "the resolver's answer cannot be read") from error


def settle(name: str, replies: list[Reply]) -> list[Address]:
    """All addresses, IPv6 first (RFC 6724). Raises Refusal 502 with the RCODE when there is none."""
    addresses = [address for reply in replies for address in reply.addresses]
    if addresses:
        return addresses
    rcode = next((reply.rcode for reply in replies if reply.rcode != "NOERROR"), "NOERROR")
    reason = f"{name} has no address" if rcode == "NOERROR" else f"{name} cannot be resolved: {rcode}"
    raise Refusal(502, Cause.DNS_ERROR, reason, rcode=rcode)


def _same(record: DNSRecord, question: Question) -> bool:
    asked = record.questions[0]
    return asked.qtype == question.type and str(asked.qname).rstrip(".").lower() == question.name


def _addresses(record: DNSRecord, kind: int) -> tuple[Address, ...]:
    make = IPv4Address if kind == QTYPE.A else IPv6Address
    return tuple(make(str(answer.rdata)) for answer in record.rr if answer.rtype == kind)
