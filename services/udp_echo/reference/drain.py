"""One socket, emptied by hand: up to BATCH datagrams a wake-up, and one system call each way for all of them.

asyncio's own datagram protocol costs five times as much a datagram.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from itertools import compress

from services.kit.journal import Connection, Journal
from services.kit.mmsg import address_of
from services.udp_echo.reference.batch import Batch
from services.udp_echo.reference.peers import Peers

BATCH = 64
LAST = 1024
"""Batches answered when the service stops, for those who never do."""
# A datagram's size as the journal notes it.
_OCTETS = 4


class Drain:
    """Echoes what comes on `inlet` through `outlet`, the same socket unless the inlet is a group's.

    When the kernel takes no more answers, reading waits too: one batch is held here, the others in the
    receive buffer, where the kernel counts what no longer fits.
    """

    def __init__(
        self, inlet: socket.socket, outlet: socket.socket, refused: Mapping[int, str], longest: int
    ) -> None:
        self.inlet, self._outlet = inlet, outlet
        self._refused, self._longest = refused, longest
        self._batch = Batch(inlet.family, BATCH, longest)
        self._asking: Sequence[Connection | None] = ()
        self._lengths: Sequence[int] = ()
        """Who sent the batch, None where nobody is answered, and how much of each datagram goes back."""
        self._next = 0
        """Which of the batch is answered next."""

    def start(self, loop: asyncio.AbstractEventLoop, journal: Journal, peers: Peers) -> None:
        """Begins to echo."""
        self._loop, self._journal, self._peers = loop, journal, peers
        journal.reader = self._told
        loop.add_reader(self.inlet.fileno(), self._readable)

    def stop(self) -> None:
        """Answers what has already come, then reads no more."""
        for _ in range(LAST):
            if not self._answer() or not self._readable():
                break
        self._loop.remove_reader(self.inlet.fileno())
        self._loop.remove_writer(self._outlet.fileno())

    def close(self) -> None:
        """Gives the descriptors back."""
        self.inlet.close()
        self._outlet.close()

    def _readable(self) -> bool:
        """The hot path: datagrams of known clients, whole, all answered at once. False when none has come."""
        try:
            sizes, names = self._batch.receive(self.inlet.fileno())
        except BlockingIOError:
            return False
        except OSError as error:
            self._journal.emit("error", None, None, {"message": str(error)})
            return False
        known = self._peers.get
        asking = [known(name) or self._stranger(name, size) for name, size in zip(names, sizes, strict=True)]
        self._hear(list(filter(None, asking)), list(compress(sizes, asking)))
        if max(sizes) > self._longest:
            sizes = [min(size, self._longest) for size in sizes]
        self._batch.cut(sizes)
        self._asking, self._lengths, self._next = asking, sizes, 0
        if not self._answer():
            self._hold()
        return True

    def _hear(self, peers: Sequence[Connection], sizes: Sequence[int]) -> None:
        """Counts and notes what is going to be answered."""
        for peer, size in zip(peers, sizes, strict=True):
            peer.bytes_in += size
        self._journal.emit_batch("message", peers, [size.to_bytes(_OCTETS, "big") for size in sizes])

    def _answer(self) -> bool:
        """Sends from the next one on; False when the kernel takes no more for now."""
        outlet, peers = self._outlet.fileno(), self._asking
        whole = all(peers)
        while (start := self._next) < len(peers):
            if (peer := peers[start]) is None:
                self._next += 1
                continue
            try:
                # One by one only where somebody in the batch must not be answered.
                self._next += self._batch.give_back(outlet, start, len(peers) if whole else start + 1)
            except BlockingIOError:
                return False
            except OSError as error:
                self._journal.emit("error", peer, None, {"message": str(error)})
                self._next += 1
            else:
                self._count(start, self._next)
        return True

    def _count(self, start: int, stop: int) -> None:
        for peer, length in zip(self._asking[start:stop], self._lengths[start:stop], strict=True):
            if peer is not None:
                peer.bytes_out += length

    def _hold(self) -> None:
        """Reads no more until the kernel takes answers again."""
        self._loop.remove_reader(self.inlet.fileno())
        self._loop.add_writer(self._outlet.fileno(), self._writable)
        self._journal.emit("pause", self._asking[self._next])

    def _writable(self) -> None:
        if self._answer():
            self._loop.remove_writer(self._outlet.fileno())
            self._loop.add_reader(self.inlet.fileno(), self._readable)
            self._journal.emit("drain")

    def _stranger(self, name: bytes, size: int) -> Connection | None:
        """A client not met yet; None for one that is never answered."""
        address = address_of(name)
        reason = self._refused.get(address[1])
        if reason is None:
            return self._peers.meet(name, self.inlet)
        nameless = Connection(0, address, self.inlet.getsockname())
        self._journal.emit("refused", nameless, None, {"size": size, "reason": reason})
        return None

    def _told(self, note: bytes) -> Mapping[str, object]:
        """What the journal says of a datagram whose size was noted, when somebody reads it."""
        size, room = int.from_bytes(note, "big"), self._longest
        return {"size": size} if size <= room else {"size": size, "truncated": room}
