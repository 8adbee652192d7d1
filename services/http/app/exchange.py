"""One request and its response, as a handler drives it and an engine carries it out.

A handler that needs the body, the connection or more than one write is a coroutine function:

    async def handler(exchange: Exchange) -> Response | None

It reads with `receive`, may `inform` (1xx), and either returns a Response or writes one itself with `start`,
`send` and `finish`. What only one wire format can do is an ability, asked for by type:
`exchange.ability(Wire)`; an implementation without it raises NotOffered, which is answered 501.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from services.http.app.errors import NotOffered
from services.http.app.message import Fields, Request, Response
from services.kit.journal import Connection, Journal

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Server:
    """Who serves: the role, its authority, its journal and the name of the implementation."""

    role: str
    authority: str
    implementation: str
    journal: Journal


class Exchange(ABC):
    """One request being answered. `parameters` are the variables of the route's path."""

    server: Server
    request: Request
    connection: Connection
    parameters: Mapping[str, str]
    stream: int | None = None

    @abstractmethod
    async def receive(self) -> bytes:
        """The next piece of the request's content; b"" once it has ended, and ever after.

        The first call accepts an `Expect: 100-continue` (RFC 9110 10.1.1). Raises ClientGone.
        """

    @property
    @abstractmethod
    def trailers(self) -> Fields:
        """The request's trailer section; complete once `receive` has given b""."""

    @abstractmethod
    def inform(self, status: int, fields: Fields = ()) -> None:
        """Sends an interim response, 102 to 199 (RFC 9110 15.2); nothing to an HTTP/1.0 client."""

    @abstractmethod
    async def start(self, status: int, fields: Fields = ()) -> None:
        """Sends the response's head. Without `content-length` the engine frames the content itself."""

    @abstractmethod
    async def send(self, data: bytes) -> None:
        """Sends a piece of content, waiting while the client reads too slowly. Raises ClientGone."""

    @abstractmethod
    async def finish(self, trailers: Fields = ()) -> None:
        """Ends the response, with a trailer section where the wire has one (RFC 9110 6.5)."""

    @abstractmethod
    def abort(self, code: int = 0) -> None:
        """Breaks the exchange off: RST_STREAM with `code` on HTTP/2, a TCP reset on HTTP/1.1."""

    def ability(self, kind: type[A]) -> A:
        """What this wire alone can do, as an object of type `kind`. Raises NotOffered."""
        raise NotOffered(kind.__name__)

    async def respond(self, response: Response) -> None:
        """Sends a whole response."""
        await self.start(response.status, response.fields)
        if response.body:
            await self.send(response.body)
        await self.finish(response.trailers)
