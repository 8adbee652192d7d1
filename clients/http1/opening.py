"""Opens a connection to an origin, for HTTP/1.1 and HTTP/2 alike, and tells the steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from clients.http1.errors import TimedOutError
from clients.http1.origin import Origin
from clients.trace import Trace, name_of

PIECE = 64 * 1024
"""The most that is read at once, in octets."""
Wait = Callable[[Awaitable[Any], str], Awaitable[Any]]
"""Gives the result of an awaitable, or raises in time; the words say what was awaited."""
T = TypeVar("T")


async def in_time(waiting: Awaitable[T], what: str, within: float, trace: Trace) -> T:
    """The result of `waiting`. Raises TimedOutError after `within` seconds, which the trace is told."""
    try:
        async with asyncio.timeout(within):
            return await waiting
    except TimeoutError:
        trace.step("timeout", waiting=what)
        raise TimedOutError(what, within) from None


async def open_origin(
    origin: Origin, trace: Trace, wait: Wait
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connects, and shakes hands where the origin is secure: `connect`, `secureConnect`.

    Raises OSError (ssl.SSLError is one), and what `wait` raises.
    """
    opening = asyncio.open_connection(origin.address, origin.port, limit=PIECE)
    reader, writer = await wait(opening, "connection")
    trace.local = name_of(writer.get_extra_info("sockname"))
    trace.step("connect", address=origin.address, port=origin.port)
    if origin.context is not None:
        handshake = writer.start_tls(origin.context, server_hostname=origin.server_name)
        await _secure(writer, trace, wait(handshake, "connection"))
    return reader, writer


async def _secure(writer: asyncio.StreamWriter, trace: Trace, handshake: Awaitable[object]) -> None:
    """TLS on the open connection; what fails is told, too, for the service saw it come."""
    try:
        await handshake
    except BaseException as error:  # raised again: nobody else knows of the socket
        trace.step("error", problem=str(error) or type(error).__name__)
        writer.transport.abort()
        raise
    tls = writer.get_extra_info("ssl_object")
    alpn = tls.selected_alpn_protocol()
    trace.step("secureConnect", version=tls.version(), cipher=tls.cipher()[0], alpn=alpn)
