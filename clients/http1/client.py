"""Requests to one origin, through a pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.http1.call import Body
from clients.http1.connection import WITHIN, Connection
from clients.http1.errors import ConnectionClosedError
from clients.http1.origin import Origin
from clients.http1.pool import Pool
from clients.http1.raw import RawReply, send_raw
from clients.http1.reply import Fields, Reply
from clients.trace import Trace

IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))
"""What may be asked a second time when nobody knows whether it was heard (RFC 9110 9.2.2)."""


class Client:
    """A client of `origin`. Its own pool is closed with it; a pool that was given is not.

    A kept connection may be closed by the server just when it is used again: a request that is idempotent
    is then asked once more, on a new connection (RFC 9112 9.3.1).
    """

    def __init__(
        self,
        origin: Origin,
        *,
        within: float = WITHIN,
        trace: Trace | None = None,
        pool: Pool | None = None,
    ) -> None:
        self.origin, self.within, self.trace = origin, within, trace or Trace()
        self._own = pool is None
        self.pool = pool or Pool(within=within, trace=self.trace)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._own:
            await self.pool.close()

    async def get(self, target: str, fields: Fields = ()) -> Reply:
        """GET."""
        return await self.request("GET", target, fields)

    async def post(self, target: str, body: Body, fields: Fields = ()) -> Reply:
        """POST."""
        return await self.request("POST", target, fields, body)

    async def request(
        self,
        method: str,
        target: str,
        fields: Fields = (),
        body: Body = b"",
        *,
        trailers: Fields = (),
        expect: bool = False,
    ) -> Reply:
        """One whole exchange. Raises what Connection.request does."""
        options: dict[str, Any] = {"trailers": trailers, "expect": expect}
        connection = await self.pool.acquire(self.origin)
        reused = connection.calls > 0
        try:
            return await self._ask(connection, method, target, fields, body, options)
        except ConnectionClosedError as error:
            if not reused or error.received or method not in IDEMPOTENT or not isinstance(body, bytes):
                raise
        connection = await self.pool.fresh(self.origin)
        return await self._ask(connection, method, target, fields, body, options)

    async def _ask(
        self,
        connection: Connection,
        method: str,
        target: str,
        fields: Fields,
        body: Body,
        options: dict[str, Any],
    ) -> Reply:
        try:
            reply = await connection.request(method, target, fields, body, **options)
        except BaseException:  # raised again: half an exchange must not go back to the pool
            self.pool.discard(connection)
            raise
        await self.pool.release(connection, reply.value("keep-alive"))
        return reply

    async def send_raw(self, data: bytes | Sequence[bytes], **options: Any) -> RawReply:
        """As `raw.send_raw`, to this origin."""
        return await send_raw(self.origin, data, trace=self.trace, **options)

    async def connection(self) -> Connection:
        """A new connection, outside the pool, which the caller closes."""
        connection = Connection(self.origin, within=self.within, trace=self.trace)
        await connection.open()
        return connection
