"""Misbehaviour on purpose: what a client has to be ready for, by the name that it asks for.

`BEFORE` acts on the TCP connection in place of a ServerHello; `AFTER` is a transport that ends badly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.kit.tls_alerts import record
from services.kit.tls_transport import TLSTransport

INTERNAL_ERROR = 80
GARBAGE = b"220 this is not the protocol that you are looking for\r\n"


def _stall(_transport: asyncio.Transport) -> None:
    """Say nothing: the listener's own time-out ends it."""


def _cut(transport: asyncio.Transport) -> None:
    transport.abort()


def _garbage(transport: asyncio.Transport) -> None:
    transport.write(GARBAGE)
    transport.close()


def _alert(transport: asyncio.Transport) -> None:
    transport.write(record(INTERNAL_ERROR))
    transport.close()


BEFORE: Mapping[str, Callable[[asyncio.Transport], None]] = MappingProxyType(
    {"stall": _stall, "cut": _cut, "garbage": _garbage, "alert": _alert}
)


class NoCloseNotify(TLSTransport):
    """Ends with a bare FIN."""

    def write_eof(self) -> None:
        """No close_notify: just what is left to send."""
        self._finished = True
        self._send()


class Truncated(NoCloseNotify):
    """Stops in the middle of the first record that it sends."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Half of what it should be, and the end."""
        if self._closing or not data:
            return
        self._send()
        self._tls.write(data)
        whole = self._outgoing.read()
        self._lower.write(whole[: len(whole) // 2])
        self.close()


AFTER: Mapping[str, type[TLSTransport]] = MappingProxyType(
    {"no-close-notify": NoCloseNotify, "truncated": Truncated}
)
