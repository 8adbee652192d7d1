"""How a query crosses the network: UDP, TCP, TLS and HTTPS, and raw octets for hostile tests."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import dns.exception
import dns.message
import dns.rcode

from clients.dns.errors import BadResponseError
from clients.http2 import HTTP2Error, Origin, Session
from clients.trace import Trace, name_of

# `auto` is UDP first, and TCP when the answer is truncated (RFC 7766 5).
Transport = Literal["auto", "udp", "tcp", "tls", "https"]
TIMEOUT = 3.0
MEDIA_TYPE = b"application/dns-message"


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


async def exchange(
    server: Server, query: dns.message.Message, transport: Transport, source: str | None, trace: Trace
) -> dns.message.Message:
    """Return the answer to one query over one transport, told to `trace`; the caller bounds the time.

    Raises:
        BadResponseError, dns.exception.DNSException: what came is no answer to the query.
        OSError: there is no way to the server.
    """
    message = await _exchange(server, query, transport, source, trace)
    trace.step("answer", rcode=dns.rcode.to_text(message.rcode()), records=len(message.answer))
    return message


async def _exchange(
    server: Server, query: dns.message.Message, transport: Transport, source: str | None, trace: Trace
) -> dns.message.Message:
    match transport:
        case "udp" | "auto":
            return await _over_udp(server, query, source, trace)
        case "tcp":
            return await _over_stream(server, query, source, None, trace)
        case "tls":
            return await _over_stream(server, query, source, _offering(server, "dot"), trace)
    return await _over_https(server, query, trace)


def _offering(server: Server, protocol: str) -> ssl.SSLContext:
    """The server's context, or the system's, that offers this protocol by ALPN (RFC 7301 3.1)."""
    context = server.context or ssl.create_default_context()
    context.set_alpn_protocols([protocol])
    return context


def _tell(trace: Trace, local: Sequence[object], query: dns.message.Message, transport: str) -> None:
    trace.local = name_of(local)
    trace.step("connect", local=trace.local, transport=transport)
    asked = query.question[0] if query.question else None
    trace.step("query", asked=asked.to_text() if asked else "")


async def _over_https(server: Server, query: dns.message.Message, trace: Trace) -> dns.message.Message:
    """Ask by POST over HTTP/2 (RFC 8484 4.1, 5.2)."""
    context = _offering(server, "h2")
    fields = ((b"content-type", MEDIA_TYPE), (b"accept", MEDIA_TYPE))
    try:
        async with Session(
            Origin(server.address, server.port, server.authority, context), trace=trace
        ) as session:
            reply = await session.post("/dns-query", query.to_wire(), fields)
    except HTTP2Error as error:
        raise _bad(query, str(error)) from error
    if reply.status != 200:
        raise _bad(query, f"the server answered with status {reply.status}")
    message = dns.message.from_wire(reply.body)
    if not query.is_response(message):
        raise _bad(query, "the answer is to another query")
    return message


async def _over_stream(
    server: Server,
    query: dns.message.Message,
    source: str | None,
    context: ssl.SSLContext | None,
    trace: Trace,
) -> dns.message.Message:
    """Ask over TCP (RFC 7766), inside TLS with a context (RFC 7858)."""

    def opened(local: Sequence[object]) -> None:
        _tell(trace, local, query, "tls" if context else "tcp")

    message = dns.message.from_wire(await _framed(server, query.to_wire(), source, context, opened))
    if not query.is_response(message):
        raise _bad(query, "the answer is to another query")
    return message


def _bad(query: dns.message.Message, detail: str) -> BadResponseError:
    return BadResponseError(query.question[0].name.to_text() if query.question else ".", detail)


async def _over_udp(
    server: Server, query: dns.message.Message, source: str | None, trace: Trace
) -> dns.message.Message:
    """Ask from a connected socket, which learns when nobody listens, and wait for an answer that fits."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[dns.message.Message] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Matching(query, found),
        local_addr=(source, 0) if source else None,
        remote_addr=(server.address, server.port),
    )
    try:
        _tell(trace, transport.get_extra_info("sockname"), query, "udp")
        transport.sendto(query.to_wire())
        return await found
    finally:
        transport.close()


class _Matching(asyncio.DatagramProtocol):
    """Keeps the first answer to a query; answers to other queries are passed over (RFC 5452 9.1)."""

    def __init__(self, query: dns.message.Message, found: asyncio.Future[dns.message.Message]) -> None:
        self._query = query
        self._found = found

    def datagram_received(self, data: bytes, _addr: object) -> None:
        if self._found.done() or data[:2] != self._query.id.to_bytes(2):
            return
        try:
            message = dns.message.from_wire(data)
        except dns.exception.DNSException as error:
            self._found.set_exception(error)
            return
        if self._query.is_response(message):
            self._found.set_result(message)

    def error_received(self, exc: Exception) -> None:
        if not self._found.done():
            self._found.set_exception(exc)


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
    return await _framed(server, data, None, None)


async def _framed(
    server: Server,
    data: bytes,
    source: str | None,
    context: ssl.SSLContext | None,
    opened: Callable[[Sequence[object]], None] = lambda _local: None,
) -> bytes:
    """Send one message with its length before it, and return the first that comes back."""
    reader, writer = await asyncio.open_connection(
        server.address,
        server.port,
        local_addr=(source, 0) if source else None,
        ssl=context,
        server_hostname=server.authority if context else None,
    )
    try:
        opened(writer.get_extra_info("sockname"))
        writer.write(len(data).to_bytes(2) + data)
        return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
