"""recvmmsg(2) and sendmmsg(2): many datagrams a system call, on structures that are laid out once.

`recvfrom` and `sendto` cost Python two microseconds a datagram, most of it for addresses written as text and
read again. Here an address stays the octets that the kernel wrote.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from array import array
from mmap import mmap
from typing import Any, Final, cast

from services.kit.names import Address

SIZES: Final = {socket.AF_INET: 16, socket.AF_INET6: 28}
"""Octets of a sockaddr_in and a sockaddr_in6."""
_libc: Final = ctypes.CDLL(None, use_errno=True)
_libc.recvmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
_libc.sendmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)


class Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class Message(ctypes.Structure):
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


class Entry(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("message", Message), ("length", ctypes.c_uint))


def receive(fd: int, entries: int, most: int, flags: int = 0) -> int:
    """How many datagrams the entries at that address now hold, at least one. Raises OSError."""
    count: int = _libc.recvmmsg(fd, entries, most, flags, None)
    return count if count >= 0 else _fail()


def send(fd: int, entries: int, count: int) -> int:
    """How many of the entries at that address were sent, at least one. Raises OSError for the first."""
    sent: int = _libc.sendmmsg(fd, entries, count, 0)
    return sent if sent >= 0 else _fail()


def _fail() -> int:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))


def place(buffer: bytearray | mmap) -> int:
    """Where `buffer` is, which from then on must neither move nor go."""
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


def column(table: Any, row: type[ctypes.Structure], field: str, kind: str) -> memoryview:
    """One field of every row of an array, as a view of numbers."""
    size = array(kind).itemsize
    cells = memoryview(table).cast("B").cast(cast("Any", kind))
    return cells[getattr(row, field).offset // size :: ctypes.sizeof(row) // size]


def address_of(name: bytes) -> Address:
    """Read a sockaddr as Python's sockets give it: (address, port), for IPv6 with flow and scope."""
    port = int.from_bytes(name[2:4])
    if len(name) == SIZES[socket.AF_INET]:
        return socket.inet_ntop(socket.AF_INET, name[4:8]), port
    host = socket.inet_ntop(socket.AF_INET6, name[8:24])
    return host, port, int.from_bytes(name[4:8]), int.from_bytes(name[24:28], sys.byteorder)
