"""Passes a role's traffic on to a program that runs elsewhere: `make swap http1=mine TARGET=127.0.0.1:8080`.

    python3 -m lab.relay --to TARGET --listen ADDRESS tcp udp
    python3 -m lab.relay --to TARGET --via ADDRESS tcp

The first relays ADDRESS to TARGET. The second fills a role: it listens where WIREYARD_ADDRESS and
WIREYARD_PORT say, and inside a container reaches TARGET through the relay at ADDRESS, since a container's
loopback is not the host's. Half-closes are passed on. Standard library only.
"""

from __future__ import annotations

import argparse
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
    """Where to listen, where to pass on to, and for which of `tcp` and `udp`."""

    listen: tuple[tuple[str | None, ...], int]
    target: Where
    transports: frozenset[str]


def parse(words: Sequence[str], environ: Mapping[str, str]) -> Relay:
    """The relay that the command line describes. Raises KeyError when WIREYARD_PORT is missing."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.relay")
    parser.add_argument("--to", type=where, required=True)
    side = parser.add_mutually_exclusive_group(required=True)
    side.add_argument("--listen", type=where)
    side.add_argument("--via", type=where)
    parser.add_argument("transports", nargs="+", choices=("tcp", "udp"))
    given = parser.parse_args(words)
    transports = frozenset(given.transports)
    if given.listen:
        address, port = given.listen
        return Relay(((address,), port), given.to, transports)
    told = environ.get("WIREYARD_ADDRESS", "*").split(",")
    listen = (tuple(None if address == "*" else address for address in told), int(environ["WIREYARD_PORT"]))
    return Relay(listen, given.via if environ.get("WIREYARD_VIEW") == "network" else given.to, transports)


def where(text: str) -> Where:
    """`ADDRESS:PORT`. Raises ValueError."""
    address, _, port = text.rpartition(":")
    if not address or not port.isdigit():
        raise ValueError(f"{text!r} is not ADDRESS:PORT")
    return address.strip("[]"), int(port)


async def serve(relay: Relay, stopped: asyncio.Event) -> None:
    """Relays until `stopped` is set."""
    addresses, port = relay.listen
    loop = asyncio.get_running_loop()
    for address in addresses:
        if "tcp" in relay.transports:
            await asyncio.start_server(lambda r, w: _join(r, w, relay.target), address, port)
        if "udp" in relay.transports:
            near = (address or "::", port)
            await loop.create_datagram_endpoint(lambda: _Datagrams(relay.target), local_addr=near)
    await stopped.wait()


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
