"""Many datagrams a system call: recvmmsg(2) and sendmmsg(2), on structures that are laid out once.

With `recvfrom` and `sendto` a query costs Python two microseconds of its eight, most of it for addresses
written as text and read again. Here an address stays the octets that the kernel wrote, and the answer goes
back to them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final, cast

from services.kit.names import Address

_SIZES: Final = {socket.AF_INET: 16, socket.AF_INET6: 28}  # of sockaddr_in and sockaddr_in6
_SPREAD: Final = 64  # keeps buffers of whole pages from sharing the same lines of the processor's cache
_NOTHING_WAITS: Final = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR}
_libc: Final = ctypes.CDLL(None, use_errno=True)


class _Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Entry(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("message", _Message), ("length", ctypes.c_uint))


class Datagrams:
    """What waits on one non-blocking UDP socket, taken and answered in batches.

    Args:
        sock: bound, IPv4 or IPv6; closing it is the caller's.
        most: datagrams in one batch.
        longest: octets of a datagram that are kept; the rest of it is cut off.
    """

    def __init__(self, sock: socket.socket, most: int, longest: int) -> None:
        self._fd, self._most = sock.fileno(), most
        self._slot = longest + _SPREAD
        self._name = _SIZES[sock.family]
        self._data, self._names = bytearray(most * self._slot), bytearray(most * self._name)
        self._view = memoryview(self._data)
        self._inward, self._outward = (_Vector * most)(), (_Vector * most)()
        self._in, self._out = self._entries(self._inward), self._entries(self._outward)
        start = _address(self._data)
        for index, vector in enumerate(self._inward):
            vector.base, vector.length = start + index * self._slot, longest
        self._received = _column(self._in, _Entry, "length", "I")
        self._bases = _column(self._outward, _Vector, "base", "L")
        self._lengths = _column(self._outward, _Vector, "length", "L")

    def _entries(self, vectors: Any) -> Any:
        """Entries of one vector each. The n-th of both directions share one address, which never moves."""
        entries, names = (_Entry * self._most)(), _address(self._names)
        for index, entry in enumerate(entries):
            entry.message.name, entry.message.name_length = names + index * self._name, self._name
            entry.message.vectors = ctypes.addressof(vectors) + index * ctypes.sizeof(_Vector)
            entry.message.vector_count = 1
        return entries

    def receive(self) -> tuple[list[bytes], list[bytes]]:
        """Return the datagrams that wait, and for each the sockaddr that it came from.

        Raises:
            OSError: the socket failed; that nothing waits is no failure.
        """
        count = _libc.recvmmsg(self._fd, self._in, self._most, 0, None)
        if count < 0:
            number = ctypes.get_errno()
            if number in _NOTHING_WAITS:
                return [], []
            raise OSError(number, os.strerror(number))
        view, slot, name = self._view, self._slot, self._name
        lengths = self._received[:count].tolist()
        starts = range(0, count * slot, slot)
        data = [view[at : at + length].tobytes() for at, length in zip(starts, lengths, strict=True)]
        names = bytes(self._names[: count * name])
        return data, [names[at : at + name] for at in range(0, count * name, name)]

    def send(self, answers: Sequence[bytes]) -> list[OSError]:
        """Send each answer to where the datagram of that place in the last batch came from.

        Returns:
            why answers could not be sent; all others are.
        """
        count, done, errors = len(answers), 0, []
        lengths = array("L", map(len, answers))
        octets = b"".join(answers)
        first = ctypes.cast(ctypes.c_char_p(octets), ctypes.c_void_p).value or 0
        self._lengths[:count] = memoryview(lengths)
        self._bases[:count] = memoryview(array("L", accumulate(lengths, initial=first)))[:count]
        while done < count:
            rest = ctypes.byref(self._out, done * ctypes.sizeof(_Entry))
            sent = _libc.sendmmsg(self._fd, rest, count - done, 0)
            if sent < 0:
                errors.append(OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno())))
            done += max(sent, 1)
        return errors


def address_of(name: bytes) -> Address:
    """Read a sockaddr as Python's sockets give it: (address, port), for IPv6 with flow and scope."""
    port = int.from_bytes(name[2:4])
    if len(name) == _SIZES[socket.AF_INET]:
        return socket.inet_ntop(socket.AF_INET, name[4:8]), port
    host = socket.inet_ntop(socket.AF_INET6, name[8:24])
    return host, port, int.from_bytes(name[4:8]), int.from_bytes(name[24:28], sys.byteorder)


def _address(buffer: bytearray) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


def _column(table: Any, row: type[ctypes.Structure], field: str, kind: str) -> memoryview:
    """One field of every row of an array, as a view of numbers."""
    size = array(kind).itemsize
    cells = memoryview(table).cast("B").cast(cast("Any", kind))
    return cells[getattr(row, field).offset // size :: ctypes.sizeof(row) // size]
