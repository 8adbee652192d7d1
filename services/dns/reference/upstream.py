"""Forwarding over the network: upstreams in turn, UDP first and TCP when truncated, answers kept by TTL."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from services.dns.reference.errors import ForwardError, MessageError
from services.dns.reference.exchange import Request
from services.dns.reference.forward import Believed, believe, has_come_round, key_of, upstream_query
from services.dns.reference.rrtypes import Rcode
from services.dns.reference.wire import Query

TRIES = 2
MOST_AT_ONCE = 512
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server that is asked about names of other zones."""

    address: str
    port: int = 53


def parse(text: str) -> Upstream:
    """Return the upstream that `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT` names.

    Raises:
        ValueError: none of these.
    """
    address, port = text, "53"
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or "53"
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"{text!r} has no port of 1 to 65535")
    return Upstream(str(ipaddress.ip_address(address)), int(port))


class Forwarder:
    """Asks upstreams, and keeps what they say for as long as they allow.

    Args:
        upstreams: asked in this order, each TRIES times at most.
        within: seconds for each try.
    """

    def __init__(self, upstreams: Sequence[Upstream], within: float) -> None:
        self._upstreams = upstreams
        self._within = within
        self._mark = secrets.token_bytes(8)
        self._kept: dict[bytes, tuple[float, Believed]] = {}
        self._asking: dict[bytes, asyncio.Task[Believed]] = {}

    async def resolve(self, request: Request) -> tuple[Believed, int]:
        """Return an answer and its age in seconds; equal questions at one time are asked once.

        Raises:
            MessageError: REFUSED for a query of our own that came round.
            ForwardError: no upstream answered, or too many questions are open.
        """
        query = request.query
        if has_come_round(query, self._mark):
            raise MessageError(Rcode.REFUSED, "the query has come round in a circle of forwarders")
        key, now = key_of(query), asyncio.get_running_loop().time()
        at, believed = self._kept.get(key, (0.0, None))
        if believed is not None and now - at < believed.lifetime:
            return believed, int(now - at)
        task = self._asking.get(key)
        if task is None:
            if len(self._asking) >= MOST_AT_ONCE:
                raise ForwardError(f"{MOST_AT_ONCE} questions are open already")
            task = asyncio.ensure_future(self._ask(query))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._settle(key, done))
        return await asyncio.shield(task), 0

    def close(self) -> None:
        """Give up every open question."""
        for task in self._asking.values():
            task.cancel()

    def _settle(self, key: bytes, task: asyncio.Task[Believed]) -> None:
        del self._asking[key]
        if task.cancelled() or task.exception() is not None:
            return
        if task.result().lifetime:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = asyncio.get_running_loop().time(), task.result()

    async def _ask(self, query: Query) -> Believed:
        """Ask in turn: who does not answer is asked again, and who fails or refuses has been asked enough."""
        left, refusal = list(self._upstreams), None
        for _ in range(TRIES):
            for upstream in tuple(left):
                try:
                    believed = await self._ask_one(upstream, query)
                except (TimeoutError, OSError, EOFError, MessageError):
                    continue
                if believed.settles:
                    return believed
                refusal = refusal or believed
                left.remove(upstream)
        if refusal is None:
            raise ForwardError("no upstream gave a usable answer")
        return refusal

    async def _ask_one(self, upstream: Upstream, query: Query) -> Believed:
        message_id = secrets.randbits(16)
        wire = upstream_query(query, message_id, self._mark)
        async with asyncio.timeout(self._within):
            believed = await _over_udp(upstream, query, message_id, wire)
            return await _over_tcp(upstream, query, message_id, wire) if believed.truncated else believed


async def _over_udp(upstream: Upstream, query: Query, message_id: int, wire: bytes) -> Believed:
    """Ask from a port of the kernel's choice and wait for an answer to believe; others are passed over."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Believed] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Listener(query, message_id, found), remote_addr=(upstream.address, upstream.port)
    )
    try:
        transport.sendto(wire)
        return await found
    finally:
        transport.close()


class _Listener(asyncio.DatagramProtocol):
    """Waits for an answer to believe."""

    def __init__(self, query: Query, message_id: int, found: asyncio.Future[Believed]) -> None:
        self._query = query
        self._id = message_id
        self._found = found

    def datagram_received(self, data: bytes, _addr: object) -> None:
        """Take the first answer that fits."""
        if self._found.done():
            return
        try:
            believed = believe(self._query, self._id, data)
        except MessageError as error:
            self._found.set_exception(error)
            return
        if believed is not None:
            self._found.set_result(believed)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there."""
        if not self._found.done():
            self._found.set_exception(exc)


async def _over_tcp(upstream: Upstream, query: Query, message_id: int, wire: bytes) -> Believed:
    reader, writer = await asyncio.open_connection(upstream.address, upstream.port)
    try:
        writer.write(len(wire).to_bytes(2) + wire)
        answer = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
    finally:
        writer.close()
    believed = believe(query, message_id, answer)
    if believed is None:
        raise MessageError(Rcode.SERVFAIL, "the upstream answered something else over TCP")
    return believed
