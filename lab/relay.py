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
import contextlib
import os
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from lab.datagrams import Datagrams, Where

CHUNK = 65536


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


@contextlib.asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[Mapping[str, int]]:
    """Relays within; tells the last port that each transport listens on. Raises OSError."""
    addresses, port = relay.listen
    ports = {}
    with contextlib.ExitStack() as opened:
        for address in addresses:
            if "tcp" in relay.transports:
                server = await asyncio.start_server(lambda r, w: _join(r, w, relay.target), address, port)
                opened.callback(server.close)
                ports["tcp"] = server.sockets[0].getsockname()[1]
            if "udp" in relay.transports:
                datagrams = Datagrams((address or "::", port), relay.target)
                opened.callback(datagrams.close)
                ports["udp"] = datagrams.port
        yield ports


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Where) -> None:
    try:
        far_reader, far_writer = await asyncio.open_connection(*target)
    except OSError as error:
        sys.stderr.write(f"{target[0]}:{target[1]}: {error.strerror}\n")
        _reset(writer)
        return
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_copy(reader, far_writer, writer))
            both.create_task(_copy(far_reader, writer, far_writer))
    finally:
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
        _reset(sink)
        _reset(back)


def _reset(end: asyncio.StreamWriter) -> None:
    """Ends a connection without lingering, which makes it a reset: to abort alone sends a FIN."""
    if not end.is_closing():
        end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.transport.abort()


async def _main(relay: Relay) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with relaying(relay):
        await stopped.wait()


if __name__ == "__main__":
    try:
        asyncio.run(_main(parse(sys.argv[1:], os.environ)))
    except (ValueError, KeyError, OSError) as problem:
        sys.stderr.write(f"relay: {problem}\n")
        sys.exit(78)
