"""An exchange in memory: a request goes in whole, what the handler did comes out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from services.http.app.errors import ClientGone
from services.http.app.exchange import Exchange, Server
from services.http.app.message import Fields, Request, Response
from services.http.app.routes import ROUTER
from services.http.app.routing import answer
from services.kit.journal import Connection, Journal

A = TypeVar("A")
SERVER = Server("http1", "http1.wireyard.test", "memory", Journal("http1"))


class MemoryExchange(Exchange):
    """Keeps what was sent. `gone_after` bytes of content the client leaves."""

    def __init__(
        self,
        request: Request,
        body: Iterable[bytes] = (),
        abilities: tuple[object, ...] = (),
        gone_after: int = -1,
    ) -> None:
        self.server = SERVER
        self.request = request
        self.connection = Connection(1, ("192.0.2.1", 40000), ("192.0.2.2", 80))
        self.parameters = {}
        self.pieces = list(body)
        self.abilities = abilities
        self.gone_after = gone_after
        self.request_trailers: Fields = ()
        self.status = 0
        self.fields: Fields = ()
        self.sent: list[bytes] = []
        self.trailing: Fields = ()
        self.interim: list[tuple[int, Fields]] = []
        self.done = self.aborted = False

    async def receive(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    @property
    def trailers(self) -> Fields:
        return self.request_trailers

    def inform(self, status: int, fields: Fields = ()) -> None:
        self.interim.append((status, fields))

    async def start(self, status: int, fields: Fields = ()) -> None:
        assert not self.status, "start was called twice"
        self.status, self.fields = status, fields

    async def send(self, data: bytes) -> None:
        assert self.status
        assert not self.done
        self.sent.append(data)
        if 0 <= self.gone_after <= len(self.body):
            raise ClientGone("the client went away")

    async def finish(self, trailers: Fields = ()) -> None:
        assert self.status
        assert not self.done
        self.done, self.trailing = True, trailers

    def abort(self, code: int = 0) -> None:
        self.aborted = True

    def ability(self, kind: type[A]) -> A:
        for one in self.abilities:
            if isinstance(one, kind):
                return one
        return super().ability(kind)

    @property
    def body(self) -> bytes:
        return b"".join(self.sent)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def values(self, name: str) -> list[str]:
        return [value.decode() for key, value in self.fields if key.lower() == name.encode()]

    def value(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)


def request(
    method: str, target: str, fields: dict[str, str] | None = None, version: str = "1.1", scheme: str = "http"
) -> Request:
    """A request as an engine would give it."""
    pairs = tuple((name.encode(), value.encode()) for name, value in (fields or {}).items())
    return Request(method, target.encode(), version, scheme, "http1.wireyard.test", pairs)


async def ask(
    method: str, target: str, fields: dict[str, str] | None = None, body: bytes = b"", **more: Any
) -> MemoryExchange:
    """Routes and answers one request."""
    version, scheme = more.pop("version", "1.1"), more.pop("scheme", "http")
    exchange = MemoryExchange(
        request(method, target, fields, version, scheme), [body] if body else [], **more
    )
    found = ROUTER.match(method, exchange.request.path)
    if isinstance(found, Response):
        await exchange.respond(found)
    else:
        exchange.parameters = found.parameters
        await answer(found, exchange)
    return exchange
