"""Passes a role's traffic on to a program that runs elsewhere: `make swap http1=mine TARGET=127.0.0.1:8080`.

    python3 -m lab.relay TARGET LISTEN            relays LISTEN to TARGET
    python3 -m lab.relay TARGET --via ADDRESS     is a service: listens where WIREYARD_* says, and on the
                                                  network's side reaches TARGET through the relay at ADDRESS

TCP and UDP on the same port number, half-closes passed on; standard library only.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

CHUNK = 65536
# Datagram peers that are remembered; the one that was silent longest is forgotten first.
PEERS = 1024

Where = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Relay:
    """Where to listen, and where to pass on to."""

    listen: tuple[str | None, int]
    target: Where


def parse(words: Sequence[str], environ: Mapping[str, str]) -> Relay:
    """The relay that the command line describes. Raises ValueError."""
    if len(words) == 2:
        return Relay(where(words[1]), where(words[0]))
    if len(words) != 3 or words[1] != "--via":
        raise ValueError("usage: python3 -m lab.relay TARGET (LISTEN | --via ADDRESS)")
    target = words[2] if environ.get("WIREYARD_VIEW") == "network" else words[0]
    address = environ.get("WIREYARD_ADDRESS", "*")
    return Relay((None if address == "*" else address, int(environ["WIREYARD_PORT"])), where(target))


def where(text: str) -> Where:
    """`ADDRESS:PORT`. Raises ValueError."""
    address, _, port = text.rpartition(":")
    if not address or not port.isdigit():
        raise ValueError(f"{text!r} is not ADDRESS:PORT")
    return address.strip("[]"), int(port)


async def serve(relay: Relay, stopped: asyncio.Event) -> None:
    """Relays until `stopped` is set."""
    server = await asyncio.start_server(lambda r, w: _join(r, w, relay.target), *relay.listen)
    loop = asyncio.get_running_loop()
    datagrams, _ = await loop.create_datagram_endpoint(
        lambda: _Datagrams(relay.target), local_addr=(relay.listen[0] or "::", relay.listen[1])
    )
    await stopped.wait()
    datagrams.close()
    server.close()


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Where) -> None:
    try:
        far_reader, far_writer = await asyncio.open_connection(*target)
    except OSError as error:
        sys.stderr.write(f"{target[0]}:{target[1]}: {error.strerror}\n")
        writer.transport.abort()
        return
    async with asyncio.TaskGroup() as both:
        both.create_task(_copy(reader, far_writer, writer))
        both.create_task(_copy(far_reader, writer, far_writer))
    for end in (writer, far_writer):
        end.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter, back: asyncio.StreamWriter) -> None:
    """Copies up to the end and passes the end on; a reset on either side resets both."""
    try:
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()
        sink.write_eof()
    except OSError:
        sink.transport.abort()
        back.transport.abort()


class _Datagrams(asyncio.DatagramProtocol):
    """The near side: one far socket for each peer, so that answers find their way."""

    def __init__(self, target: Where) -> None:
        self._target = target
        self._near: asyncio.DatagramTransport | None = None
        self._peers: OrderedDict[Any, asyncio.Task[_Answers]] = OrderedDict()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Kept for the answers."""
        self._near = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Passed on from this peer's own far socket."""
        if self._near is None:
            return
        if addr not in self._peers:
            self._peers[addr] = asyncio.ensure_future(self._open(addr, self._near))
            if len(self._peers) > PEERS:
                self._peers.popitem(last=False)[1].add_done_callback(lambda far: far.result().close())
        self._peers.move_to_end(addr)
        self._peers[addr].add_done_callback(lambda far: far.result().send(data))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The far sockets go with the near one."""
        for far in self._peers.values():
            far.add_done_callback(lambda done: done.result().close())

    async def _open(self, addr: Any, near: asyncio.DatagramTransport) -> _Answers:
        loop = asyncio.get_running_loop()
        _, answers = await loop.create_datagram_endpoint(
            lambda: _Answers(near, addr), remote_addr=self._target
        )
        return answers


class _Answers(asyncio.DatagramProtocol):
    """The far side of one peer."""

    def __init__(self, near: asyncio.DatagramTransport, peer: Any) -> None:
        self._near, self._peer = near, peer
        self._far: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Kept for sending."""
        self._far = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002 - asyncio's signature
        """Handed to the peer, from the address that it asked."""
        self._near.sendto(data, self._peer)

    def send(self, data: bytes) -> None:
        """One datagram to the target."""
        if self._far is not None:
            self._far.sendto(data)

    def close(self) -> None:
        """Ends the far socket."""
        if self._far is not None:
            self._far.close()


async def _main(relay: Relay) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await serve(relay, stopped)


if __name__ == "__main__":
    try:
        asyncio.run(_main(parse(sys.argv[1:], os.environ)))
    except (ValueError, KeyError, OSError) as problem:
        sys.stderr.write(f"relay: {problem}\n")
        sys.exit(78)
