"""The role under test, asked over whatever it speaks: one face for both clients of the yard."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients import http1, http2
from lab.topology import Endpoint

Body = bytes | AsyncIterable[bytes]
Pairs = tuple[tuple[bytes, bytes], ...]
SECURE, HTTP2 = ("https", "h2"), ("h2c", "h2")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, its content whole. Field names are in lower case."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    trailers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, reply: http1.Reply | http2.Reply) -> Answer:
        """From either client's own."""
        return cls(reply.status, _text(reply.fields), reply.body, _text(reply.trailers))

    def values(self, name: str) -> list[str]:
        """Every value of the field `name`."""
        return [value for key, value in self.fields if key == name]

    def value(self, name: str) -> str | None:
        """The first value of the field `name`."""
        return next(iter(self.values(name)), None)

    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.body)


class Peer(ABC):
    """The role under test."""

    async def fetch(
        self, method: str, target: str, fields: Mapping[str, str] | None = None, body: Body = b""
    ) -> Answer:
        """One request."""
        pairs = tuple((name.encode(), value.encode()) for name, value in (fields or {}).items())
        return Answer.of(await self._request(method, target, pairs, body))

    @abstractmethod
    async def _request(
        self, method: str, target: str, fields: Pairs, body: Body
    ) -> http1.Reply | http2.Reply:
        """One request of this protocol."""

    @abstractmethod
    async def converse(self, method: str, target: str, body: bytes) -> bytes:
        """Sends content without ending the request; the content of the answer, which comes all the same."""

    @abstractmethod
    async def fetch_raw(self, target: bytes) -> Answer:
        """A GET whose target goes out as these bytes, whatever the client's library thinks of them."""


class OverHttp1(Peer):
    """By the yard's HTTP/1.1 client."""

    def __init__(self, origin: http1.Origin, client: http1.Client) -> None:
        self._origin, self._client = origin, client

    async def _request(self, method: str, target: str, fields: Pairs, body: Body) -> http1.Reply:
        return await self._client.request(method, target, fields, body)

    async def converse(self, method: str, target: str, body: bytes) -> bytes:
        async with http1.Connection(self._origin) as connection:
            call = await connection.start(method, target, ((b"transfer-encoding", b"chunked"),))
            await call.send(body)
            return b"".join([piece async for piece in call.pieces()])

    async def fetch_raw(self, target: bytes) -> Answer:
        head = b"GET %b HTTP/1.1\r\nhost: %b\r\n\r\n" % (target, self._origin.authority.encode())
        return Answer.of((await http1.send_raw(self._origin, head)).reply)


class OverHttp2(Peer):
    """By the yard's HTTP/2 client, on one session."""

    def __init__(self, origin: http1.Origin, session: http2.Session) -> None:
        self._origin, self._session = origin, session

    async def _request(self, method: str, target: str, fields: Pairs, body: Body) -> http2.Reply:
        return await self._session.request(method, target, fields, body)

    async def converse(self, method: str, target: str, body: bytes) -> bytes:
        call = await self._session.start(method, target)
        await call.send(body)
        return (await call.reply()).body

    async def fetch_raw(self, target: bytes) -> Answer:
        scheme, authority = self._origin.scheme.encode(), self._origin.authority.encode()
        head = ((b":method", b"GET"), (b":scheme", scheme), (b":authority", authority), (b":path", target))
        async with http2.Session(self._origin, strict=False) as session:
            return Answer.of(await (await session.start_raw(head)).reply())


@asynccontextmanager
async def connect(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> AsyncIterator[Peer]:
    """The peer that fills `role`."""
    origin = origin_of(role, endpoint(role), ca)
    if role in HTTP2:
        async with http2.Session(origin) as session:
            yield OverHttp2(origin, session)
    else:
        async with http1.Client(origin) as client:
            yield OverHttp1(origin, client)


def origin_of(role: str, where: Endpoint, ca: Path) -> http1.Origin:
    """Where to connect, and whom to expect."""
    if role not in SECURE:
        return http1.Origin(where.address, where.port, where.authority)
    secure = http2.secure if role in HTTP2 else http1.Origin.secure
    return secure(where.address, where.port, where.authority, ca)


def _text(fields: Pairs) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode().lower(), value.decode("utf-8", "backslashreplace")) for name, value in fields)
