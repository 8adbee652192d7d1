"""From a look-up's outcome to the octets of an answer: flags, EDNS options, size."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from services.dns.reference.cookies import CookieJar
from services.dns.reference.edns import ADVERTISED_PAYLOAD, MINIMUM_PAYLOAD, pack_opt
from services.dns.reference.exchange import Request, Transport
from services.dns.reference.lookup import Answer
from services.dns.reference.message import MAX_MESSAGE, Writer
from services.dns.reference.rrtypes import Option, Rcode
from services.dns.reference.wire import AA, CD, HEADER, QR, RA, RD, Head, Query

PADDING_BLOCK = 468  # RFC 8467 4.1
OPT_SIZE = 11
_KEPT = RD | CD | 0x7800  # copied from the query: RFC 1035 4.1.1 and RFC 4035 3.1.6


@dataclass(frozen=True, slots=True)
class Options:
    """What the answers of one server have in common.

    Attributes:
        nsid: name of the instance for whoever asks (RFC 5001).
        idle: seconds that an idle connection is kept, for RFC 7828.
        recursion: whether RA is set.
    """

    nsid: bytes
    idle: float
    recursion: bool = False


@dataclass(frozen=True, slots=True)
class Extended:
    """An extended DNS error (RFC 8914)."""

    code: int
    text: str = ""


class Replier:
    """Writes answers for one server."""

    def __init__(self, options: Options, jar: CookieJar) -> None:
        self._options = options
        self._jar = jar

    @property
    def recursion(self) -> bool:
        """Whether names of other zones are asked for elsewhere."""
        return self._options.recursion

    def header_only(self, head: Head, rcode: int) -> bytes:
        """Return an answer without a question, for what could not be read (RFC 1035 4.1.1)."""
        return HEADER.pack(head.id, QR | head.flags & _KEPT | rcode, 0, 0, 0, 0)

    def write(self, request: Request, answer: Answer, error: Extended | None = None) -> bytes:
        """Return the answer to a request; an extended error goes only to those who use EDNS."""
        query = request.query
        options = self._edns_options(request, error)
        reserved = 0 if query.edns is None else OPT_SIZE + _size(options)
        writer = Writer(query.question, query.qname, limit(request), reserved)
        writer.section(0, answer.answer)
        writer.section(1, answer.authority)
        writer.section(2, answer.additional, required=answer.required)
        opt = self._opt(request, writer.size, answer.rcode, options)
        return writer.finish(query.head.id, self._flags(query, answer), opt)

    def opt(self, request: Request, size: int) -> bytes:
        """Return the OPT record that belongs to a message of so many octets; nothing without EDNS."""
        return self._opt(request, size, Rcode.NOERROR, self._edns_options(request, None))

    def _opt(self, request: Request, size: int, rcode: int, options: list[tuple[int, bytes]]) -> bytes:
        edns = request.query.edns
        if edns is None:
            return b""
        self._pad(request, options, size + OPT_SIZE + _size(options))
        return pack_opt(rcode, edns.dnssec_ok, options)

    def knows(self, cookie: bytes, request: Request) -> bool:
        """Tell whether a COOKIE option holds a server cookie of ours for this asker."""
        return self._jar.is_valid(cookie, request.asker.address, int(request.now))

    def _flags(self, query: Query, answer: Answer) -> int:
        flags = QR | query.head.flags & _KEPT | answer.rcode & 0xF
        flags |= AA if answer.authoritative else 0
        return flags | (RA if self._options.recursion else 0)

    def _edns_options(self, request: Request, error: Extended | None) -> list[tuple[int, bytes]]:
        edns, asker = request.query.edns, request.asker
        if edns is None or edns.version:
            return []
        options: list[tuple[int, bytes]] = []
        cookie = edns.option(Option.COOKIE)
        if cookie is not None and not edns.error:
            options.append((Option.COOKIE, self._jar.answer(cookie, asker.address, int(request.now))))
        if edns.option(Option.NSID) is not None:
            options.append((Option.NSID, self._options.nsid))
        if (
            asker.transport in (Transport.TCP, Transport.TLS)
            and edns.option(Option.TCP_KEEPALIVE) is not None
        ):
            options.append(
                (Option.TCP_KEEPALIVE, struct.pack("!H", min(int(self._options.idle * 10), 0xFFFF)))
            )
        if error is not None:
            options.append((Option.EDE, struct.pack("!H", error.code) + error.text.encode()))
        return options

    @staticmethod
    def _pad(request: Request, options: list[tuple[int, bytes]], size: int) -> None:
        """Pad to whole blocks when the asker padded (RFC 7830 4); never over UDP, where it would amplify."""
        edns = request.query.edns
        if request.asker.streamed and edns and edns.option(Option.PADDING) is not None:
            length = min(-(size + 4) % PADDING_BLOCK, MAX_MESSAGE - size - 4)
            if length >= 0:
                options.append((Option.PADDING, bytes(length)))


def _size(options: list[tuple[int, bytes]]) -> int:
    return sum(4 + len(data) for _, data in options)


def limit(request: Request) -> int:
    """Return the octets that the asker takes."""
    edns = request.query.edns
    if request.asker.streamed:
        return MAX_MESSAGE
    return MINIMUM_PAYLOAD if edns is None else min(edns.payload, ADVERTISED_PAYLOAD)
