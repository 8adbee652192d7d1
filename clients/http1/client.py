"""The first plain client: one origin, connections kept alive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.http1.call import Body
from clients.http1.connection import WITHIN, Connection
from clients.http1.errors import ConnectionClosedError
from clients.http1.origin import Origin
from clients.http1.raw import RawReply, send_raw
from clients.http1.reply import Fields, Reply
from clients.trace import Trace

__all__ = ["Client"]


class Client:
    """Requests to one origin, over connections that are used again."""

    def __init__(self, origin: Origin, *, within: float = WITHIN, trace: Trace | None = None) -> None:
        self.origin, self.within, self.trace = origin, within, trace or Trace()
        self._free: list[Connection] = []

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._free:
            await connection.close()

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
        """One exchange, on a kept connection if there is one."""
        connection = await self._connection()
        try:
            reply = await connection.request(method, target, fields, body, trailers=trailers, expect=expect)
        except ConnectionClosedError:
            await connection.close()
            raise
        except BaseException:
            connection.abort()
            raise
        if reply.persistent:
            self._free.append(connection)
        else:
            await connection.close()
        return reply

    async def send_raw(self, data: bytes | Sequence[bytes], **options: Any) -> RawReply:
        """As `raw.send_raw`, to this origin."""
        return await send_raw(self.origin, data, trace=self.trace, **options)

    async def connection(self) -> Connection:
        """A new connection, which the caller closes."""
        connection = Connection(self.origin, within=self.within, trace=self.trace)
        await connection.open()
        return connection

    async def _connection(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if connection.idle:
                return connection
        return await self.connection()
