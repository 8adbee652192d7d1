"""A UDP socket whose every step is timed, typed in its errors, and told to a Trace.

A connected socket hears of a closed port (ICMP port unreachable: Refused); an unconnected one does not, and
can only wait (RFC 1122 4.1.3.3).
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

from clients.net.errors import NameFailure, told
from clients.trace import Trace, name_of

LONGEST = 65_507
"""The longest payload over IPv4: 65,535 less 20 of IP and 8 of UDP (RFC 768, RFC 791)."""
WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Datagram:
    """One that came: its bytes, who sent it, and its `size` on the wire, larger than `data` if cut."""

    data: bytes
    source: tuple[Any, ...]
    size: int

    @property
    def truncated(self) -> bool:
        """Whether the reader gave too little room."""
        return self.size > len(self.data)


class Datagrams:
    """A UDP socket. Every method raises NetError, and nothing else."""

    def __init__(
        self, sock: socket.socket, remote: tuple[Any, ...], connected: bool, trace: Trace, within: float
    ) -> None:
        self.sock, self.remote, self.connected = sock, remote, connected
        self.trace, self.within = trace, within

    @property
    def local(self) -> tuple[Any, ...]:
        """This end, as the socket names it."""
        name: tuple[Any, ...] = self.sock.getsockname()
        return name

    async def send(self, data: bytes) -> None:
        """One datagram. Raises LocalFailure for one that is too long, Refused for what an earlier one met."""
        loop = asyncio.get_running_loop()
        with told("send"):
            async with asyncio.timeout(self.within):
                if self.connected:
                    await loop.sock_sendall(self.sock, data) if data else self.sock.send(data)
                else:
                    await loop.sock_sendto(self.sock, data, self.remote)
        self.trace.step("send", bytes=len(data))

    async def receive(self, room: int = 65_535) -> Datagram:
        """The next datagram, cut to `room` bytes. Raises TimedOut, and Refused on a connected socket."""
        with told("receive"):
            async with asyncio.timeout(self.within):
                datagram = await self._receive(room)
        self.trace.step("receive", bytes=datagram.size, truncated=datagram.truncated)
        return datagram

    async def echo(self, data: bytes) -> Datagram:
        """Sends `data` and waits for the next datagram."""
        await self.send(data)
        return await self.receive()

    async def _receive(self, room: int) -> Datagram:
        loop = asyncio.get_running_loop()
        buffer = bytearray(room)
        while True:
            readable = loop.create_future()
            loop.add_reader(self.sock.fileno(), _wake, readable)
            try:
                await readable
                size, source = self.sock.recvfrom_into(buffer, room, socket.MSG_TRUNC)
            except BlockingIOError:
                continue
            finally:
                loop.remove_reader(self.sock.fileno())
            return Datagram(bytes(buffer[: min(size, room)]), source, size)

    def close(self) -> None:
        """Gives the port back."""
        self.sock.close()
        self.trace.step("close")

    def __enter__(self) -> Datagrams:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def open_datagrams(
    host: str, port: int, *, connected: bool = True, trace: Trace | None = None, within: float = WITHIN
) -> Datagrams:
    """A socket for `host`; a `connected` one takes datagrams from nobody else. Raises NameFailure."""
    trace = trace or Trace()
    loop = asyncio.get_running_loop()
    with told("resolve"):
        async with asyncio.timeout(within):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    if not found:
        raise NameFailure("resolve", f"{host} has no address")
    family, address = found[0][0], found[0][4]
    trace.step("resolve", host=host, addresses=[entry[4][0] for entry in found])
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    if connected:
        with told("connect"):
            sock.connect(address)
        trace.local = name_of(sock.getsockname())
        trace.step("connect", local=trace.local, remote=name_of(address))
    return Datagrams(sock, address, connected, trace, within)
