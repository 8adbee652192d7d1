"""What may differ from one TLS listener to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.kit.tls_context import ServerContext
from services.kit.tls_hello import ClientHello
from services.kit.tls_transport import TLSTransport


@dataclass(frozen=True, slots=True)
class Options:
    """Of one listener.

    `handshake_within` is the time, in seconds, from the accept to the end of the handshake; `most` bounds
    the connections, established or not. `plain` is given the first bytes of a client that speaks no TLS;
    what it returns is sent to that client as it stands, and None from it means an alert instead.
    `choose` is given a ClientHello and gives the context for it, None meaning the listener's own: a context
    put in place later, in OpenSSL's callback, would bring its certificate and nothing else. `intercept` is
    given a ClientHello and the TCP transport before OpenSSL is; True from it means that it answers instead.
    `transports` are other transports than ours for those that got through, by the name that was asked for.
    """

    handshake_within: float = 10.0
    most: int = 50_000
    plain: Callable[[bytes], bytes | None] = lambda _first: None
    choose: Callable[[ClientHello], ServerContext | None] = lambda _hello: None
    intercept: Callable[[ClientHello, asyncio.Transport], bool] = lambda _hello, _transport: False
    transports: Mapping[str, type[TLSTransport]] = field(default_factory=dict)
