"""Which HTTP a connection speaks: by ALPN on TLS (RFC 7301), by its first bytes without (RFC 9113 3.3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from services.http.reference.h2.frames import PREFACE

_TELLING = PREFACE[: PREFACE.index(b"\n") + 1]
"""The preface's first line, which no HTTP/1.1 request may have; HTTP/2 judges the rest."""

Factory = Callable[[], asyncio.Protocol]


class ByAlpn(asyncio.Protocol):
    """HTTP/2 when ALPN chose `h2`; HTTP/1.1 when it chose that, or was not used (RFC 9113 3.2)."""

    def __init__(self, http2: Factory, http1: Factory) -> None:
        self._http2, self._http1 = http2, http1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is over."""
        tls = transport.get_extra_info("ssl_object")
        factory = self._http2 if tls.selected_alpn_protocol() == "h2" else self._http1
        _hand_over(cast("asyncio.Transport", transport), factory())


class ByPreface(asyncio.Protocol):
    """HTTP/2 with prior knowledge begins with its preface; anything else is HTTP/1.1's to answer."""

    transport: asyncio.Transport

    def __init__(self, http2: Factory, http1: Factory) -> None:
        self._http2, self._http1 = http2, http1
        self._first = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Decide as soon as the bytes differ from the preface, or are it."""
        self._first += data
        length = min(len(self._first), len(_TELLING))
        if self._first[:length] != _TELLING[:length]:
            self._decide(self._http1)
        elif length == len(_TELLING):
            self._decide(self._http2)

    def _decide(self, factory: Factory) -> None:
        protocol = factory()
        _hand_over(self.transport, protocol)
        protocol.data_received(self._first)


def _hand_over(transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
