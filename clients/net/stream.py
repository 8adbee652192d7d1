"""A connected stream whose every step is timed, typed in its errors, and told to a Trace."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from contextlib import ExitStack
from typing import Any, cast

from clients.net.errors import EndedEarly, NameFailure, NetError, told
from clients.trace import Trace

WITHIN = 5.0
"""Seconds that any one step may take, unless told otherwise."""
CHUNK = 65_536


class Stream:
    """A TCP connection, a Unix one, or a tunnel. Every method raises NetError, and nothing else."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trace: Trace, within: float
    ) -> None:
        self.reader, self.writer, self.trace, self.within = reader, writer, trace, within
        self.early = b""
        self._silent = True

    @property
    def local(self) -> tuple[Any, ...]:
        """This end, as the socket names it: what the service's journal calls the peer."""
        return cast("tuple[Any, ...]", self.writer.get_extra_info("sockname"))

    @property
    def remote(self) -> tuple[Any, ...]:
        """The other end."""
        return cast("tuple[Any, ...]", self.writer.get_extra_info("peername"))

    async def send(self, data: bytes) -> None:
        """Sends all of `data`, waiting while the other side takes none."""
        with told("send"):
            self.writer.write(data)
            async with asyncio.timeout(self.within):
                await self.writer.drain()
        self.trace.step("send", bytes=len(data))

    async def receive(self, most: int = CHUNK) -> bytes:
        """What comes next, at most `most` bytes; empty at the other side's FIN."""
        if self.early:
            data, self.early = self.early[:most], self.early[most:]
        else:
            with told("receive"):
                async with asyncio.timeout(self.within):
                    data = await self.reader.read(most)
        self._tell(data)
        return data

    async def receive_exactly(self, size: int) -> bytes:
        """`size` bytes. Raises EndedEarly, with what came, if FIN comes first."""
        data = bytearray()
        while len(data) < size:
            piece = await self.receive(min(size - len(data), CHUNK))
            if not piece:
                raise EndedEarly("receive", f"only {len(data)} of {size} bytes came", bytes(data))
            data += piece
        return bytes(data)

    async def receive_rest(self) -> bytes:
        """Everything up to the other side's FIN."""
        data = bytearray()
        while piece := await self.receive():
            data += piece
        return bytes(data)

    async def end(self) -> None:
        """FIN: nothing more will be sent, but what comes is still read (RFC 9293 3.6)."""
        with told("end"):
            self.writer.write_eof()
            async with asyncio.timeout(self.within):
                await self.writer.drain()
        self.trace.step("end")

    def carry(self, early: bytes) -> None:
        """From here on the stream is a tunnel; `early` came behind the proxy's answer, and is its first."""
        self.early, self._silent = early, True

    async def secure(self, context: ssl.SSLContext, name: str) -> None:
        """TLS over the stream, verified as `name`."""
        with told("secureConnect"):
            async with asyncio.timeout(self.within):
                await self.writer.start_tls(context, server_hostname=name)
        tls = self.writer.get_extra_info("ssl_object")
        self.trace.step(
            "secureConnect", protocol=tls.version(), cipher=tls.cipher()[0], alpn=tls.selected_alpn_protocol()
        )

    async def close(self) -> None:
        """Closes both directions."""
        self.writer.close()
        try:
            with told("close"):
                async with asyncio.timeout(self.within):
                    await self.writer.wait_closed()
        except NetError as error:
            self.trace.step("error", problem=error.problem)
        self.trace.step("close")

    def abort(self) -> None:
        """Closes at once, whatever is under way."""
        self.writer.transport.abort()
        self.trace.step("close")

    def reset(self) -> None:
        """Drops the connection by RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        self.trace.step("reset")

    async def __aenter__(self) -> Stream:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _tell(self, data: bytes) -> None:
        if self._silent and data:
            self._silent = False
            self.trace.step("firstByte")
        self.trace.step("receive", bytes=len(data)) if data else self.trace.step("endReceived")


async def connect(
    host: str, port: int, *, trace: Trace | None = None, within: float = WITHIN, buffer: int = 0
) -> Stream:
    """A TCP connection to the first address of `host` that takes one; `buffer` bounds the kernel's, in bytes.

    Raises NameFailure, Refused, TimedOut, Unreachable, told by the last address tried.
    """
    trace = trace or Trace()
    failure: NetError = NameFailure("resolve", f"{host} has no address")
    for family, address in await resolve(host, port, trace=trace, within=within):
        try:
            return await _connect_one(family, address, trace, within, buffer)
        except NetError as error:
            failure = error
    raise failure


async def resolve(
    host: str, port: int, *, trace: Trace, within: float
) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    """The addresses of `host` by the system's resolver, the first to try first. Raises NameFailure."""
    loop = asyncio.get_running_loop()
    with told("resolve"):
        async with asyncio.timeout(within):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses: list[tuple[socket.AddressFamily, tuple[Any, ...]]]
    addresses = [(family, address) for family, _, _, _, address in found]
    trace.step("resolve", host=host, addresses=[address[0] for _, address in addresses])
    return addresses


async def _connect_one(
    family: socket.AddressFamily, address: tuple[Any, ...], trace: Trace, within: float, buffer: int
) -> Stream:
    with ExitStack() as unless_connected:
        sock = unless_connected.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.setblocking(False)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        with told("connect"):
            async with asyncio.timeout(within):
                await asyncio.get_running_loop().sock_connect(sock, address)
        unless_connected.pop_all()
    return await _opened(sock, trace, within)


async def connect_unix(path: str, *, trace: Trace | None = None, within: float = WITHIN) -> Stream:
    """A connection to a Unix socket. Raises Refused when nobody listens, LocalFailure when there is none."""
    with ExitStack() as unless_connected:
        sock = unless_connected.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        sock.setblocking(False)
        with told("connect"):
            await asyncio.get_running_loop().sock_connect(sock, path)
        unless_connected.pop_all()
    return await _opened(sock, trace or Trace(), within)


async def _opened(sock: socket.socket, trace: Trace, within: float) -> Stream:
    if sock.family == socket.AF_UNIX:
        reader, writer = await asyncio.open_unix_connection(sock=sock, limit=CHUNK)
    else:
        reader, writer = await asyncio.open_connection(sock=sock, limit=CHUNK)
    stream = Stream(reader, writer, trace, within)
    trace.local = _name(stream.local)
    trace.step("connect", local=trace.local, remote=_name(stream.remote))
    return stream


def _name(address: tuple[Any, ...] | str) -> str:
    if isinstance(address, str):
        return address
    host, port = str(address[0]), address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
