"""`fetch`: one request to the role under test, whatever it speaks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from clients import http1
from lab.topology import Endpoint

Body = bytes | AsyncIterable[bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, its content whole. Field names are in lower case."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    trailers: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def value(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)

    def json(self) -> Any:
        return json.loads(self.body)


class Fetch(Protocol):
    """One request."""

    async def __call__(
        self, method: str, target: str, fields: Mapping[str, str] | None = None, body: Body = b""
    ) -> Answer: ...


class Converse(Protocol):
    """One request whose content is sent but not ended; gives the content of the answer."""

    async def __call__(self, method: str, target: str, body: bytes) -> bytes: ...


class FetchRaw(Protocol):
    """A GET whose target goes out as these bytes, whatever the client's library thinks of them."""

    async def __call__(self, target: bytes) -> Answer: ...


@pytest.fixture(params=["http1", "https"])
def role(request: pytest.FixtureRequest) -> str:
    """Each role that serves the application."""
    return str(request.param)


@pytest.fixture
async def fetch(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> AsyncIterator[Fetch]:
    """Asks the role under test."""
    where = endpoint(role)
    async with http1.Client(origin(role, where, ca)) as client:

        async def ask(
            method: str, target: str, fields: Mapping[str, str] | None = None, body: Body = b""
        ) -> Answer:
            pairs = tuple((name.encode(), value.encode()) for name, value in (fields or {}).items())
            reply = await client.request(method, target, pairs, body)
            return _answer(reply)

        yield ask


@pytest.fixture
async def converse(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> AsyncIterator[Converse]:
    """Asks without ending the request."""
    where = endpoint(role)
    async with http1.Connection(origin(role, where, ca)) as connection:

        async def ask(method: str, target: str, body: bytes) -> bytes:
            call = await connection.start(method, target, ((b"transfer-encoding", b"chunked"),))
            await call.send(body)
            return b"".join([piece async for piece in call.pieces()])

        yield ask


@pytest.fixture
def fetch_raw(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> FetchRaw:
    """Asks the role under test for a target of any bytes."""
    where = origin(role, endpoint(role), ca)

    async def ask(target: bytes) -> Answer:
        raw = await http1.send_raw(
            where, b"GET %s HTTP/1.1\r\nhost: %s\r\n\r\n" % (target, where.authority.encode())
        )
        return _answer(raw.reply)

    return ask


def origin(role: str, where: Endpoint, ca: Path) -> http1.Origin:
    """Where a client of HTTP/1.1 connects, and whom it expects."""
    if role == "http1":
        return http1.Origin(where.address, where.port, where.authority)
    return http1.Origin.secure(where.address, where.port, where.authority, ca)


def _answer(reply: http1.Reply) -> Answer:
    return Answer(reply.status, _text(reply.fields), reply.body, _text(reply.trailers))


def _text(fields: tuple[tuple[bytes, bytes], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode().lower(), value.decode("utf-8", "backslashreplace")) for name, value in fields)
