"""One response on its way out: head, content, end, in this order (RFC 9112 2.1), each as bytes.

nothing yet  --head-->  started  --content…-->  started  --end-->  ended
nothing yet  --take_over-->  raw: bytes as they are, to the end of the connection
"""

from __future__ import annotations

from services.http.app.errors import MisusedExchange
from services.http.app.message import Fields, Request, Response
from services.http.reference.h1 import response as wire

CLOSE = b"connection: close\r\n"


class Outgoing:
    """The bytes of the response to `request`.

    `kept` are the field lines of a connection that goes on afterwards; `persistent` says whether it does,
    and may turn false until the head is made. `sent` counts bytes of content.
    """

    def __init__(self, request: Request, kept: bytes, *, persistent: bool) -> None:
        self._request = request
        self._kept = kept
        self._framing: int | None = None
        self._left = 0
        self.persistent = persistent
        self.ended = False
        self.sent = 0

    @property
    def started(self) -> bool:
        """Whether the head is out: too late for another response."""
        return self._framing is not None

    @property
    def whole(self) -> bool:
        """Whether closing now would show the client all, or that something is missing (RFC 9112 8)."""
        return self.ended or self._framing not in (wire.UNTIL_CLOSE, wire.AS_IT_IS)

    def head(self, opening: bytes, status: int, fields: Fields) -> bytes:
        """The head; `opening` is its status line and Date. Raises MisusedExchange, BadResponse."""
        self._must_not_have_started()
        lines = wire.field_lines(fields)
        framing = wire.framed_as(self._request, status, fields)
        if framing == wire.SIZED:
            self._left = next(int(value) for name, value in fields if name.lower() == b"content-length")
        elif framing == wire.CHUNKS:
            lines += b"transfer-encoding: chunked\r\n"
        elif framing == wire.UNTIL_CLOSE:
            self.persistent = False
        self._framing = framing
        return b"%b%b%b\r\n" % (opening, lines, self._kept if self.persistent else CLOSE)

    def content(self, data: bytes) -> tuple[bytes, ...]:
        """A piece of content, which is not empty, and what frames it. Raises MisusedExchange."""
        if self._framing is None or self.ended:
            raise MisusedExchange("content has to stand between head and end")
        if self._framing == wire.NOTHING:
            return ()
        self.sent += len(data)
        if self._framing == wire.CHUNKS:
            return wire.chunk(data)
        if self._framing == wire.SIZED:
            self._left -= len(data)
            if self._left < 0:
                raise MisusedExchange("the content is longer than content-length says")
        return (data,)

    def end(self, trailers: Fields = ()) -> bytes:
        """What ends the content. Raises MisusedExchange, also for content that is too short."""
        if self._framing is None or self.ended:
            raise MisusedExchange("there is nothing to end")
        if self._left:
            raise MisusedExchange(f"the content is {self._left} bytes shorter than content-length says")
        self.ended = True
        return wire.last_chunk(trailers) if self._framing == wire.CHUNKS else b""

    def whole_response(self, opening: bytes, response: Response) -> tuple[bytes, ...]:
        """A response all at once, its length given (RFC 9110 8.6)."""
        head = self.head(opening, response.status, wire.with_length(response))
        content = self.content(response.body) if response.body else ()
        self.end()
        return head, *content

    def is_common(self, response: Response) -> bool:
        """Whether `response` can go as it is always encoded: to any GET, on a connection that goes on."""
        self._must_not_have_started()
        return self.persistent and self._request.method != "HEAD" and response.status not in (204, 304)

    def sent_whole(self, response: Response) -> None:
        """The response is out, encoded elsewhere."""
        self._framing, self.ended, self.sent = wire.SIZED, True, len(response.body)

    def take_over(self) -> None:
        """From here on bytes go out as they are, and the connection ends behind them."""
        self._must_not_have_started()
        self._framing, self.persistent = wire.AS_IT_IS, False

    def _must_not_have_started(self) -> None:
        if self._framing is not None:
            raise MisusedExchange("the response has started already")
