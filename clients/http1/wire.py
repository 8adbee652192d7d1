"""A socket that loses nothing of what came: neither to a send that fails nor to a reset behind it.

asyncio's streams forget what they hold, and what the kernel holds, as soon as the connection breaks. Yet a
server that refuses a request early has often answered it first.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

from clients.http1.errors import BadResponseError, ConnectError, ConnectionClosedError
from clients.http1.opening import PIECE, in_time
from clients.http1.origin import Origin
from clients.trace import Trace, name_of

T = TypeVar("T")


class Wire:
    """One connection to `origin`; `within` is seconds for each wait. Tells the trace what Connection does."""

    def __init__(self, origin: Origin, *, within: float, trace: Trace | None = None) -> None:
        self.origin, self.within, self.trace = origin, within, trace or Trace()
        self.local: tuple[str, int] | None = None
        self._socket: socket.socket
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._broken = False

    async def __aenter__(self) -> Wire:
        family = socket.AF_INET6 if ":" in self.origin.address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            await self._open()
        except BaseException as error:  # raised again: nobody else knows of the socket
            self._socket.close()
            if isinstance(error, OSError):
                raise ConnectError(f"{self.origin.address} port {self.origin.port}: {error}") from error
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.trace.step("close")
        self._socket.close()

    async def _open(self) -> None:
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        where = (self.origin.address, self.origin.port)
        await self._wait(asyncio.get_running_loop().sock_connect(self._socket, where), "connection")
        self.local = self._socket.getsockname()[:2]
        self.trace.local = name_of(self._socket.getsockname())
        self.trace.step("connect", address=self.origin.address, port=self.origin.port)
        if self.origin.context is not None:
            name = self.origin.server_name
            self._tls = self.origin.context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
            await self._secure(self._tls)

    async def _secure(self, tls: ssl.SSLObject) -> None:
        try:
            await self._through(tls.do_handshake)
        finally:
            await self._flush()  # an alert, where the handshake failed
        cipher = tls.cipher()
        facts = {"version": tls.version(), "cipher": cipher and cipher[0]}
        self.trace.step("secureConnect", **facts, alpn=tls.selected_alpn_protocol())

    # -- bytes -----------------------------------------------------------------------------------

    async def write(self, data: bytes) -> None:
        """Sends bytes as they are. That the server has gone shows when its last words have been read."""
        self.trace.step("send", data=data)
        if self._tls is None:
            await self._send(data)
        else:
            self._tls.write(data)
            await self._flush()

    def write_eof(self) -> None:
        """Half-closes: FIN. That the server has gone shows when its last words have been read."""
        self.trace.step("end", side="client")
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._broken = True

    async def read(self) -> bytes:
        """What has come; b"" when the server has closed. Raises TimedOutError, ConnectionClosedError."""
        try:
            data = await (self._decrypted(self._tls) if self._tls else self._receive())
        except ssl.SSLError as error:
            raise BadResponseError(str(error)) from error
        except OSError:
            data, self._broken = b"", True
        if self._broken and not data:
            self.trace.step("error", reset=True)
            raise ConnectionClosedError(reset=True)
        self.trace.step("receive", data=data) if data else self.trace.step("end", side="server")
        return data

    async def _decrypted(self, tls: ssl.SSLObject) -> bytes:
        try:
            return await self._through(lambda: tls.read(PIECE))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def _through(self, act: Callable[[], T]) -> T:
        """What OpenSSL makes of it, with as many records as it takes. Raises ssl.SSLError, OSError."""
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                await self._flush()
                if data := await self._receive():
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._send(self._outgoing.read())

    async def _send(self, data: bytes) -> None:
        try:
            sending = asyncio.get_running_loop().sock_sendall(self._socket, data)
            await self._wait(sending, "readiness to take more")
        except OSError:
            self._broken = True

    async def _receive(self) -> bytes:
        return await self._wait(asyncio.get_running_loop().sock_recv(self._socket, PIECE), "response")

    async def _wait(self, waiting: Awaitable[T], what: str) -> T:
        return await in_time(waiting, what, self.within, self.trace)
