"""One socket, emptied by hand: up to BATCH datagrams a wake-up, each answered before the next is read.

asyncio's own datagram protocol costs four times as much a datagram.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from services.kit.journal import Journal
from services.kit.names import Address
from services.udp_echo.reference.peers import Peers

BATCH = 64


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
        receive, buffer, answer = self.inlet.recvfrom_into, self._buffer, self._answer
        room = len(buffer)
        try:
            for _ in range(BATCH):
                # With MSG_TRUNC the size is the datagram's own, even when the buffer holds less of it.
                size, address = receive(buffer, room, socket.MSG_TRUNC)
                if not answer(size, address):
                    return
        except BlockingIOError:
            return
        except OSError as error:
            self._journal.emit("error", None, None, {"message": str(error)})

    def _answer(self, size: int, address: Address) -> bool:
        """Deals with the datagram in the buffer; whether more can be read."""
        peer = self._peers.get(address) or self._peers.meet(address, self.inlet)
        peer.bytes_in += size
        if address[1] in self._refused:
            self._journal.emit("refused", peer, None, {"size": size, "reason": self._refused[address[1]]})
            return True
        if size > len(self._buffer):
            self._journal.emit("message", peer, None, {"size": size, "truncated": len(self._buffer)})
            size = len(self._buffer)
        else:
            self._journal.emit("message", peer, None, {"size": size})
        try:
            self._outlet.sendto(self._view[:size], address)
        except BlockingIOError:
            self._hold(bytes(self._view[:size]), address)
            return False
        except OSError as error:
            self._journal.emit("error", peer, None, {"message": str(error)})
            return True
        peer.bytes_out += size
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
