"""Datagrams of one batch, which go back from the memory that they came to: none is copied, none is made."""

from __future__ import annotations

import ctypes
import socket
from array import array
from collections.abc import Sequence
from mmap import mmap

from services.kit import mmsg

_LINE = 64  # octets: keeps slots of whole pages from sharing the same lines of the processor's cache


class Batch:
    """Room for `most` datagrams of `longest` octets each, all of one address family.

    The memory is the kernel's to give: a page that no datagram has reached costs nothing.
    """

    def __init__(self, family: int, most: int, longest: int) -> None:
        self._most, self._name = most, mmsg.SIZES[socket.AddressFamily(family)]
        slot = (longest // _LINE + 2) * _LINE
        self._data, self._names = mmap(-1, most * slot), bytearray(most * self._name)
        self._vectors, self._entries = (mmsg.Vector * most)(), (mmsg.Entry * most)()
        data, names, vectors = (
            mmsg.place(self._data),
            mmsg.place(self._names),
            ctypes.addressof(self._vectors),
        )
        for index, (entry, vector) in enumerate(zip(self._entries, self._vectors, strict=True)):
            vector.base, entry.message.name = data + index * slot, names + index * self._name
            entry.message.name_length, entry.message.vector_count = self._name, 1
            entry.message.vectors = vectors + index * ctypes.sizeof(mmsg.Vector)
        self._first = ctypes.addressof(self._entries)
        self._sizes = mmsg.column(self._entries, mmsg.Entry, "length", "I")
        self._lengths = mmsg.column(self._vectors, mmsg.Vector, "length", "L")
        self._rooms = array("L", [longest]) * most

    def receive(self, fd: int) -> tuple[list[int], list[bytes]]:
        """What waits: each datagram's own size, even if there is room for less of it, and its sockaddr.

        Raises OSError; BlockingIOError when nothing waits.
        """
        self._lengths[:] = self._rooms
        count, name = mmsg.receive(fd, self._first, self._most, socket.MSG_TRUNC), self._name
        names = bytes(self._names[: count * name])
        return self._sizes[:count].tolist(), [names[at : at + name] for at in range(0, count * name, name)]

    def cut(self, lengths: Sequence[int]) -> None:
        """How much of each datagram is to go back."""
        self._lengths[: len(lengths)] = array("L", lengths)

    def give_back(self, fd: int, start: int, stop: int) -> int:
        """How many from `start` on have gone to where they came from, at least one. Raises OSError."""
        return mmsg.send(fd, self._first + start * ctypes.sizeof(mmsg.Entry), stop - start)
