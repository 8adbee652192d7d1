"""Reading a request's content whole, within bounds, and writing a response's content piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.http.app.codings import Decoder, decoders
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import LARGEST
from services.http.app.message import Fields, Request, Response

DNS_MESSAGE = "application/dns-message"
"""RFC 8484, 6."""


@dataclass(frozen=True, slots=True)
class OfContent:
    """A handler of the request and its content, which is `what` and at most `limit` bytes long.

    `respond` gives None for content that is not whole: it is asked again with every piece that comes, and may
    answer before the last. An engine that has all of the content need not make an exchange of it.
    """

    respond: Callable[[Request, bytes], Response | None]
    limit: int
    what: str

    async def __call__(self, exchange: Exchange) -> Response:
        """As a full handler. Raises Refused: 413 past `limit`, 400 for what is not whole at its end."""
        content = b""
        while piece := await exchange.receive():
            content += piece
            if len(content) > self.limit:
                raise Refused(413, f"the body is larger than {self.limit} bytes")
            if (response := self.respond(exchange.request, content)) is not None:
                return response
        return self.at_once(exchange.request, content)

    def at_once(self, request: Request, content: bytes) -> Response:
        """The answer to all of the content, which is within `limit`. Raises Refused (400)."""
        response = self.respond(request, content)
        if response is None:
            raise Refused(400, f"the body is not {self.what}: {content[:80].decode('utf-8', 'replace')!r}")
        return response


async def read_all(exchange: Exchange, limit: int = LARGEST) -> bytes:
    """The content, still coded. Raises Refused (413) past `limit` bytes."""
    pieces, size = [], 0
    while piece := await exchange.receive():
        size += len(piece)
        if size > limit:
            raise Refused(413, f"the content is larger than {limit} bytes")
        pieces.append(piece)
    return b"".join(pieces)


async def read_decoded(exchange: Exchange, limit: int = LARGEST) -> bytes:
    """The content with its codings taken off (RFC 9110 8.4), `limit` bounding both forms.

    Raises Refused: 415 with Accept-Encoding for a coding not known (RFC 9110 15.5.16), 400 for content that
    is not what its coding says, 413 past `limit`.
    """
    chain: list[Decoder] = decoders(exchange.request.value(b"content-encoding") or b"")
    content = await read_all(exchange, limit)
    for decode in chain:
        content = decode(content, limit)
    return content


async def write(exchange: Exchange, status: int, fields: Fields, pieces: Iterable[bytes]) -> None:
    """A response whose content comes piece by piece; none of it is made for HEAD."""
    await exchange.start(status, fields)
    if exchange.request.method != "HEAD":
        for piece in pieces:
            await exchange.send(piece)
    await exchange.finish()
