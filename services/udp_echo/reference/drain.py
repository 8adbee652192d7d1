"""One socket, emptied by hand: up to BATCH datagrams a wake-up, each answered before the next is read.

asyncio's own datagram protocol costs four times as much a datagram.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from services.kit.journal import Connection, Journal
from services.kit.names import Address
from services.udp_echo.reference.peers import Peers

BATCH = 64
NOTES = 4096
"""Different sizes remembered."""


class Drain:
    """Echoes what comes on `inlet` through `outlet`, the same socket unless the inlet is a group's.

    When the kernel takes no more answers, reading waits too: one datagram is held here, the others in the
    receive buffer, where the kernel counts what no longer fits.
    """

    def __init__(
        self, inlet: socket.socket, outlet: socket.socket, refused: Mapping[int, str], longest: int
    ) -> None:
        self.inlet, self._outlet = inlet, outlet
        self._refused = refused
        self._buffer = bytearray(longest)
        self._view = memoryview(self._buffer)
        self._notes: dict[int, Mapping[str, object]] = {}
        self._pending: tuple[bytes, Address] | None = None

    def start(self, loop: asyncio.AbstractEventLoop, journal: Journal, peers: Peers) -> None:
        """Begins to echo."""
        self._loop, self._journal, self._peers = loop, journal, peers
        loop.add_reader(self.inlet.fileno(), self._readable)

    def stop(self) -> None:
        """Answers what has already come, then closes the inlet."""
        self._readable()
        self._loop.remove_reader(self.inlet.fileno())
        self._loop.remove_writer(self._outlet.fileno())

    def close(self) -> None:
        """Gives the descriptors back."""
        self.inlet.close()
        self._outlet.close()

    def _readable(self) -> None:
        """The hot path: a datagram of a known client, whole, answered at once."""
        receive, send, emit = self.inlet.recvfrom_into, self._outlet.sendto, self._journal.emit
        buffer, view, room = self._buffer, self._view, len(self._buffer)
        known, notes = self._peers.get, self._notes
        for _ in range(BATCH):
            try:
                # With MSG_TRUNC the size is the datagram's own, even when the buffer holds less of it.
                size, address = receive(buffer, room, socket.MSG_TRUNC)
            except OSError as error:
                self._nothing(error)
                return
            peer = known(address) or self._stranger(size, address)
            if peer is None:
                continue
            peer.bytes_in += size
            emit("message", peer, None, notes.get(size) or self._note(size))
            try:
                peer.bytes_out += send(view[:size], address)
            except OSError as error:
                if not self._unsent(error, bytes(view[:size]), address):
                    return

    def _nothing(self, error: OSError) -> None:
        if not isinstance(error, BlockingIOError):
            self._journal.emit("error", None, None, {"message": str(error)})

    def _stranger(self, size: int, address: Address) -> Connection | None:
        """A client not met yet; None for one that is never answered."""
        reason = self._refused.get(address[1])
        if reason is None:
            return self._peers.meet(address, self.inlet)
        nameless = Connection(0, address, self.inlet.getsockname())
        self._journal.emit("refused", nameless, None, {"size": size, "reason": reason})
        return None

    def _note(self, size: int) -> Mapping[str, object]:
        """What the journal says of a datagram; equal ones share it, for the ring holds tens of thousands."""
        if len(self._notes) >= NOTES:
            self._notes.clear()
        room = len(self._buffer)
        note: Mapping[str, object] = {"size": size} if size <= room else {"size": size, "truncated": room}
        self._notes[size] = note
        return note

    def _unsent(self, error: OSError, data: bytes, address: Address) -> bool:
        """An answer was not taken: whether to go on reading all the same."""
        if isinstance(error, BlockingIOError):
            self._hold(data, address)
            return False
        self._journal.emit("error", self._peers.get(address), None, {"message": str(error)})
        return True

    def _hold(self, data: bytes, address: Address) -> None:
        self._pending = data, address
        self._loop.remove_reader(self.inlet.fileno())
        self._loop.add_writer(self._outlet.fileno(), self._writable)
        self._journal.emit("pause", self._peers.get(address))

    def _writable(self) -> None:
        """The kernel takes answers again."""
        if self._pending is not None:
            data, address = self._pending
            try:
                self._outlet.sendto(data, address)
            except BlockingIOError:
                return
            except OSError as error:
                self._journal.emit("error", self._peers.get(address), None, {"message": str(error)})
        self._pending = None
        self._loop.remove_writer(self._outlet.fileno())
        self._loop.add_reader(self.inlet.fileno(), self._readable)
        self._journal.emit("drain")
