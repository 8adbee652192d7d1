"""A name server in memory, with the yard's own zones, and packets to ask it."""

from __future__ import annotations

import struct
from functools import cache

from lab.topology import View, shipped
from services.dns.reference.exchange import Asker, Transport
from services.dns.reference.names import from_text
from services.dns.reference.nameserver import Config, NameServer
from services.dns.reference.reply import Options
from services.dns.reference.settings import ZONES

UDP = Asker("192.0.2.99", 5300, Transport.UDP)
TCP = Asker("127.0.0.1", 5300, Transport.TCP)
NOW = 1_800_000_000.0


def make(*, recursion: bool = False) -> NameServer:
    """A server of its own, for tests that change it."""
    options = Options(nsid=b"test", idle=10.0, recursion=recursion)
    server = NameServer(Config(shipped(), View.NETWORK, ZONES, options, bytes(16)))
    server.load(int(NOW))
    return server


@cache
def shared() -> NameServer:
    """One server for all tests that only ask."""
    return make()


def query(
    name: str, rrtype: int = 1, *, flags: int = 0x0100, rrclass: int = 1, tail: bytes = b"", extra: int = 0
) -> bytes:
    """A query for a name below the yard's domain, `tail` behind the question."""
    wire = from_text(name, from_text("wireyard.test."))
    head = struct.pack("!6H", 0x1234, flags, 1, 0, 0, extra)
    return head + wire + struct.pack("!HH", rrtype, rrclass) + tail


def opt(payload: int = 1232, version: int = 0, flags: int = 0, options: bytes = b"") -> bytes:
    """An OPT record."""
    return b"\0" + struct.pack("!HHBBHH", 41, payload, 0, version, flags, len(options)) + options


def option(code: int, data: bytes) -> bytes:
    """One EDNS option."""
    return struct.pack("!HH", code, len(data)) + data


def answer(data: bytes, asker: Asker = UDP, server: NameServer | None = None) -> bytes:
    """The one answer to a message."""
    (delivery,) = (server or shared()).respond(data, asker, NOW).deliveries
    return delivery.wire
