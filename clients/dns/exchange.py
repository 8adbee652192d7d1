"""One question to one server, over UDP, TCP, TLS or HTTPS, and everything that its answer says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import dns.asyncquery
import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from clients.dns.errors import BadNameError, BadResponseError, DNSError, NoServerError, TimedOutError

# `auto` is UDP first, and TCP when the answer is truncated (RFC 7766 5).
Transport = Literal["auto", "udp", "tcp", "tls", "https"]
TIMEOUT = 3.0
PAYLOAD = 1232


@dataclass(frozen=True, slots=True)
class Server:
    """Where to ask, and whom to expect there.

    Attributes:
        address: an IP address.
        port: UDP and TCP port, or that of TLS or HTTPS.
        authority: name in the certificate, for TLS and HTTPS.
        context: how certificates are verified, for TLS and HTTPS; None for the system's CAs.
    """

    address: str
    port: int = 53
    authority: str = ""
    context: ssl.SSLContext | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes:
        message: the whole answer, as dnspython reads it.
        transport: how it came.
        truncated: whether it is the second one, after a truncated one over UDP.
    """

    message: dns.message.Message
    transport: Transport
    truncated: bool = False

    @property
    def rcode(self) -> str:
        """Mnemonic of the (extended) response code, such as NXDOMAIN."""
        return dns.rcode.to_text(self.message.rcode())

    @property
    def flags(self) -> frozenset[str]:
        """Header flags in lower case: qr, aa, tc, rd, ra, ad, cd."""
        return frozenset(dns.flags.to_text(self.message.flags).lower().split())

    @property
    def answer(self) -> list[str]:
        """The records of the answer section, one line each."""
        return lines(self.message.answer)

    @property
    def authority(self) -> list[str]:
        """The records of the authority section, one line each."""
        return lines(self.message.authority)

    @property
    def additional(self) -> list[str]:
        """The records of the additional section without OPT, one line each."""
        return lines(self.message.additional)

    def values(self, rrtype: str) -> list[str]:
        """Return the data of the answer's records of one type, as text, in order."""
        number = dns.rdatatype.from_text(rrtype)
        return [rdata.to_text() for rrset in self.message.answer if rrset.rdtype == number for rdata in rrset]

    def option(self, code: int) -> dns.edns.Option | None:
        """Return the first EDNS option with this code, or None."""
        return next((option for option in self.message.options if option.otype == code), None)


def lines(section: Iterable[dns.rrset.RRset]) -> list[str]:
    """Return the records of a section as lines `owner ttl IN type data`."""
    return [line for rrset in section for line in rrset.to_text().splitlines()]


def question(
    name: str,
    rrtype: str = "A",
    *,
    payload: int | None = None,
    options: Sequence[dns.edns.Option] = (),
    dnssec_ok: bool = False,
) -> dns.message.QueryMessage:
    """Return a query with recursion desired.

    Args:
        name: what to ask for, absolute.
        rrtype: mnemonic of a type.
        payload: largest UDP answer, in octets; None asks without EDNS unless another argument needs it.
        options: EDNS options.
        dnssec_ok: the DO bit.

    Raises:
        BadNameError: the name cannot be written.
    """
    try:
        query = dns.message.make_query(name, rrtype)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise BadNameError(name, str(error)) from error
    if payload is not None or options or dnssec_ok:
        query.use_edns(0, dns.flags.DO if dnssec_ok else 0, payload or PAYLOAD, options=list(options))
    return query


async def ask(
    server: Server,
    query: dns.message.Message,
    transport: Transport = "auto",
    *,
    within: float = TIMEOUT,
    source: str | None = None,
) -> Reply:
    """Send one query and return the answer.

    Args:
        server: whom to ask.
        query: from `question`.
        transport: how.
        within: seconds for the whole exchange.
        source: local address to ask from.

    Raises:
        BadResponseError, NoServerError, TimedOutError: as they say.
    """
    name = query.question[0].name.to_text() if query.question else "."
    try:
        async with asyncio.timeout(within):
            message = await _exchange(server, query, transport, source)
            if transport == "auto" and message.flags & dns.flags.TC:
                return Reply(await _exchange(server, query, "tcp", source), "tcp", truncated=True)
            return Reply(message, "udp" if transport == "auto" else transport)
    except (TimeoutError, dns.exception.Timeout) as error:
        raise TimedOutError(name, f"no answer from {server.address} port {server.port}") from error
    except ConnectionRefusedError as error:
        raise NoServerError(name, f"{server.address} port {server.port}") from error
    except (dns.exception.DNSException, EOFError) as error:
        raise BadResponseError(name, str(error) or type(error).__name__) from error


async def _exchange(
    server: Server, query: dns.message.Message, transport: Transport, source: str | None
) -> dns.message.Message:
    address, port = server.address, server.port
    match transport:
        case "udp" | "auto":
            return await dns.asyncquery.udp(query, address, port=port, source=source, ignore_unexpected=True)
        case "tcp":
            return await dns.asyncquery.tcp(query, address, port=port, source=source)
        case "tls":
            context = server.context or ssl.create_default_context()
            return await dns.asyncquery.tls(
                query,
                address,
                port=port,
                source=source,
                ssl_context=context,
                server_hostname=server.authority,
            )
    raise DNSError(server.authority, f"no transport {transport!r}")


async def send_raw(
    server: Server, data: bytes, *, transport: Transport = "udp", within: float = TIMEOUT
) -> bytes | None:
    """Send octets as they are and return the octets of the first answer, or None when none comes in time.

    Over TCP, `data` stands without its length, and an end of the connection counts as no answer.
    """
    try:
        async with asyncio.timeout(within):
            return await (_raw_tcp if transport == "tcp" else _raw_udp)(server, data)
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
        return None


async def _raw_udp(server: Server, data: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    received: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _First(received), remote_addr=(server.address, server.port)
    )
    try:
        transport.sendto(data)
        return await received
    finally:
        transport.close()


class _First(asyncio.DatagramProtocol):
    """Keeps the first datagram."""

    def __init__(self, received: asyncio.Future[bytes]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, _addr: object) -> None:
        if not self._received.done():
            self._received.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self._received.done():
            self._received.set_exception(exc)


async def _raw_tcp(server: Server, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(server.address, server.port)
    try:
        writer.write(len(data).to_bytes(2) + data)
        return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
    finally:
        writer.close()
