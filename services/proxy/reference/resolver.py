"""Asks the yard's resolver: UDP first, TCP when the answer was cut (RFC 7766 5)."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Protocol

from services.proxy.reference.errors import Cause, PolicyError, Refusal
from services.proxy.reference.question import Question, Reply, questions, read, settle
from services.proxy.reference.special import Address

TRIES = 2


class Resolver(Protocol):
    """Turns a name into addresses."""

    async def addresses(self, name: str) -> list[Address]:
        """Every address of `name`. Raises Refusal: 502 when there is none, 504 when nobody answers."""
        ...


class NoResolver:
    """For a proxy that is told of no resolver."""

    async def addresses(self, name: str) -> list[Address]:
        """Raises Refusal."""
        raise Refusal(502, Cause.DNS_ERROR, f"there is no resolver to ask for {name}")


class DNSResolver:
    """A stub resolver of one server. Every question has its own port, so an answer is hard to forge."""

    def __init__(self, server: str, within: float) -> None:
        host, colon, port = server.rpartition(":")
        if not colon or not port.isdigit():
            raise PolicyError(f"{server!r} is not ADDRESS:PORT")
        self._server = host.strip("[]"), int(port)
        self._family = socket.AF_INET6 if ":" in self._server[0] else socket.AF_INET
        self._within = within

    async def addresses(self, name: str) -> list[Address]:
        """As Resolver: both families are asked for at once."""
        try:
            async with asyncio.timeout(self._within):
                replies = await asyncio.gather(*(self._ask(q) for q in questions(name)))
        except TimeoutError:
            raise Refusal(504, Cause.DNS_TIMEOUT, f"nobody resolved {name} in time") from None
        except OSError as error:
            reason = f"the resolver cannot be asked: {error.strerror or error}"
            raise Refusal(502, Cause.DNS_ERROR, reason) from error
        return settle(name, replies)

    async def _ask(self, question: Question) -> Reply:
        for _ in range(TRIES - 1):
            try:
                async with asyncio.timeout(self._within / TRIES):
                    return await self._settled(question)
            except TimeoutError:
                continue
        return await self._settled(question)

    async def _settled(self, question: Question) -> Reply:
        reply = await self._datagram(question)
        return await self._stream(question) if reply.truncated else reply

    async def _datagram(self, question: Question) -> Reply:
        loop = asyncio.get_running_loop()
        with socket.socket(self._family, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.connect(self._server)
            await loop.sock_sendall(sock, question.packet)
            while True:
                reply = read(question, await loop.sock_recv(sock, 65_535))
                if reply is not None:
                    return reply

    async def _stream(self, question: Question) -> Reply:
        reader, writer = await asyncio.open_connection(*self._server)
        try:
            writer.write(struct.pack("!H", len(question.packet)) + question.packet)
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            reply = read(question, await reader.readexactly(size))
        except asyncio.IncompleteReadError as error:
            raise Refusal(502, Cause.DNS_ERROR, "the resolver closed before it answered") from error
        finally:
            writer.close()
        if reply is None:
            raise Refusal(502, Cause.DNS_ERROR, "the resolver answered another question")
        return reply
