"""A fuzz of the datagram path: `python -m services.udp_echo.reference.tests.fuzz --seconds 60`.

Real sockets, and no loop: clients throw bursts of datagrams of any size and any content at a drain, some of
them from a port that is never answered, and the kernel takes answers a few at a time, not yet, or not at all.
After every burst:

1. each datagram has come back to whom it came from, once, unchanged, in order, cut only at the longest,
   but for as many as the kernel did not take;
2. nothing has come back to the port that is never answered;
3. the counters say the same, and no more clients are remembered than allowed.
"""

from __future__ import annotations

import asyncio
import errno
import random
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import cast
from unittest import mock

from services.kit.journal import Journal
from services.kit.tests.fuzz import main
from services.udp_echo.reference.batch import Batch
from services.udp_echo.reference.drain import Drain
from services.udp_echo.reference.peers import Peers
from services.udp_echo.reference.reflection import refused_ports

CLIENTS, REMEMBERED, BURST, LONGEST = 4, 3, 100, 40_000
ROOM, HEAD = 4 * 1024 * 1024, 1024
"""What is asked of the kernel for a burst, and what each datagram takes of it beside its bytes, at most."""


class Loop:
    """Remembers what is to be called; nobody calls it but the fuzz."""

    def __init__(self) -> None:
        self.calls: dict[str, Callable[[], object]] = {}

    def add_reader(self, _fd: int, call: Callable[[], object]) -> None:
        """What to call when something has come."""
        self.calls["read"] = call

    def add_writer(self, _fd: int, call: Callable[[], object]) -> None:
        """What to call when something can go."""
        self.calls["write"] = call

    def remove_reader(self, _fd: int) -> None:
        """Nothing is to be read."""
        self.calls.pop("read", None)

    def remove_writer(self, _fd: int) -> None:
        """Nothing is to be written."""
        self.calls.pop("write", None)


class Reluctant(Batch):
    """Answers that the kernel takes a few at a time, not yet, or, `failures` times so far, not at all."""

    chance: random.Random

    def __init__(self, family: int, most: int, longest: int) -> None:
        super().__init__(family, most, longest)
        self.failures = 0

    def give_back(self, fd: int, start: int, stop: int) -> int:
        """As Batch does, with whims."""
        whim = self.chance.random()
        if whim < 0.1:
            raise BlockingIOError
        if whim < 0.12:
            self.failures += 1
            raise OSError(errno.EPERM, "a whim")
        return super().give_back(fd, start, self.chance.randint(start + 1, stop))


class Yard:
    """A drain and its clients on loopback."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._loop = stack, Loop()
        ours = self._socket("127.0.0.1", 0)
        self._where = ours.getsockname()
        self._room = ours.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 4
        self._clients = [self._socket("127.0.0.1", 0) for _ in range(CLIENTS)]
        self._never = self._socket("127.0.0.2", self._where[1])
        self._journal = Journal("udp-echo")
        self._peers = Peers(self._journal, REMEMBERED)
        with mock.patch(f"{Drain.__module__}.Batch", self._batch_of):
            drain = Drain(ours, ours, refused_ports({self._where[1]}), LONGEST)
        drain.start(cast("asyncio.AbstractEventLoop", self._loop), self._journal, self._peers)

    def _batch_of(self, family: int, most: int, longest: int) -> Batch:
        self._batch = Reluctant(family, most, longest)
        return self._batch

    def _socket(self, host: str, port: int) -> socket.socket:
        sock = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        sock.setblocking(False)
        sock.bind((host, port))
        return sock

    def burst(self, chance: random.Random) -> None:
        """One burst, all properties. Raises AssertionError that shows what is wrong."""
        self._batch.chance, self._batch.failures = chance, 0
        sent = self._throw(chance)
        self._settle()
        missing = 0
        for client, data in sent.items():
            back = _all(client)
            missing += _left_out([one[:LONGEST] for one in data], back)
        assert missing == self._batch.failures
        assert _all(self._never) == []
        self._compare()

    def _throw(self, chance: random.Random) -> dict[socket.socket, list[bytes]]:
        sent: dict[socket.socket, list[bytes]] = {client: [] for client in self._clients}
        room = self._room
        for _ in range(chance.randint(1, BURST)):
            data = chance.randbytes(int(chance.random() ** 6 * 65_507))
            room -= len(data) + HEAD
            if room < 0:
                break
            client = chance.choice((*self._clients, self._never))
            client.sendto(data, self._where)
            sent.get(client, []).append(data)
        return sent

    def _settle(self) -> None:
        """Calls what waits to be called, as a loop does, until the reader finds nothing more."""
        found: list[object] = []
        while found != [False]:
            found = [call() for call in tuple(self._loop.calls.values())]
        assert list(self._loop.calls) == ["read"]

    def _compare(self) -> None:
        """Of the clients that are remembered; what was not taken was not counted."""
        assert len(self._peers) <= REMEMBERED
        assert set(map(id, self._peers.values())) == set(map(id, self._journal.connections.values()))
        assert all(peer.bytes_out <= peer.bytes_in for peer in self._peers.values())


def _all(sock: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(sock.recv(65_535))
        except BlockingIOError:
            return found


def _left_out(sent: list[bytes], back: list[bytes]) -> int:
    """How many of `sent` are not in `back`, which is otherwise the same, in the same order."""
    rest = iter(sent)
    assert all(any(one == other for other in rest) for one in back)
    return len(sent) - len(back)


if __name__ == "__main__":
    with ExitStack() as held:
        sys.exit(main(Yard(held).burst))
