"""Queries and answers, a batch of them a system call.

An address stays the octets that the kernel wrote, and the answer goes back to them. The beginnings of a
batch's datagrams, which for queries is nearly always all of them, arrive next to each other, and the answers
leave from one buffer, so that a batch is copied as a whole.
"""

from __future__ import annotations

import ctypes
import socket
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

from services.kit import mmsg

_SPREAD: Final = 64  # keeps buffers of whole pages from sharing the same lines of the processor's cache
_START: Final = 128  # octets of a datagram that arrive next to those of the others


class Datagrams:
    """What waits on one non-blocking UDP socket, taken and answered in batches.

    Args:
        sock: bound, IPv4 or IPv6; closing it is the caller's.
        most: datagrams in one batch.
        longest: octets of a datagram that are kept; the rest of it is cut off.
    """

    def __init__(self, sock: socket.socket, most: int, longest: int) -> None:
        self._fd, self._most = sock.fileno(), most
        self._name, self._start = mmsg.SIZES[sock.family], min(_START, longest)
        self._rest = longest - self._start + _SPREAD
        self._names, self._starts = bytearray(most * self._name), bytearray(most * self._start)
        self._rests = bytearray(most * self._rest)
        self._inward, self._outward = (mmsg.Vector * (2 * most))(), (mmsg.Vector * most)()
        self._lay_out(longest - self._start)
        self._in, self._out = self._entries(self._inward, 2), self._entries(self._outward, 1)
        self._first_in, self._first_out = ctypes.addressof(self._in), ctypes.addressof(self._out)
        self._make_room(most * _START)
        self._received = mmsg.column(self._in, mmsg.Entry, "length", "I")
        self._bases = mmsg.column(self._outward, mmsg.Vector, "base", "L")
        self._lengths = mmsg.column(self._outward, mmsg.Vector, "length", "L")

    def _lay_out(self, rest: int) -> None:
        """Say where each datagram goes: its start to the other starts, up to `rest` octets to the rests."""
        starts, rests = mmsg.place(self._starts), mmsg.place(self._rests)
        for index in range(self._most):
            first, second = self._inward[2 * index], self._inward[2 * index + 1]
            first.base, first.length = starts + index * self._start, self._start
            second.base, second.length = rests + index * self._rest, rest

    def _entries(self, vectors: Any, each: int) -> Any:
        """Entries of `each` vectors. The n-th of both directions share one address, which never moves."""
        entries, names = (mmsg.Entry * self._most)(), mmsg.place(self._names)
        for index, entry in enumerate(entries):
            entry.message.name, entry.message.name_length = names + index * self._name, self._name
            entry.message.vectors = ctypes.addressof(vectors) + index * each * ctypes.sizeof(mmsg.Vector)
            entry.message.vector_count = each
        return entries

    def _make_room(self, size: int) -> None:
        """Get a buffer for the answers of one batch."""
        self._octets = bytearray(size)
        self._first = mmsg.place(self._octets)

    def receive(self) -> tuple[list[bytes], list[bytes]]:
        """Return the datagrams that wait, and for each the sockaddr that it came from.

        Raises:
            OSError: the socket failed; that nothing waits is no failure.
        """
        try:
            count = mmsg.receive(self._fd, self._first_in, self._most)
        except (BlockingIOError, InterruptedError):
            return [], []
        start, name = self._start, self._name
        lengths = self._received[:count].tolist()
        starts, names = bytes(self._starts[: count * start]), bytes(self._names[: count * name])
        places = zip(range(0, count * start, start), lengths, strict=True)
        data = [starts[at : at + (length if length < start else start)] for at, length in places]
        if max(lengths) > start:
            data = [self._whole(at, *one) for at, one in enumerate(zip(data, lengths, strict=True))]
        return data, [names[at : at + name] for at in range(0, count * name, name)]

    def _whole(self, index: int, start: bytes, length: int) -> bytes:
        """Return a datagram of this length that starts like that."""
        first = index * self._rest
        return start + self._rests[first : first + max(length - self._start, 0)]

    def send(self, answers: Sequence[bytes]) -> list[OSError]:
        """Send each answer to where the datagram of that place in the last batch came from.

        Returns:
            why answers could not be sent; all others are.
        """
        count, done, errors = len(answers), 0, []
        octets, lengths = b"".join(answers), array("L", map(len, answers))
        if len(octets) > len(self._octets):
            self._make_room(len(octets))
        self._octets[: len(octets)] = octets
        self._lengths[:count] = lengths
        self._bases[:count] = array("L", accumulate(lengths[:-1], initial=self._first))
        while done < count:
            rest = self._first_out + done * ctypes.sizeof(mmsg.Entry)
            try:
                done += mmsg.send(self._fd, rest, count - done)
            except OSError as error:
                errors.append(error)
                done += 1
        return errors
