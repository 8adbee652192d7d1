"""What passes between the answering core and whatever carries its messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from services.dns.reference.wire import Query


class Transport(Enum):
    """How a query came."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    HTTPS = "https"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked: address (never with a zone), port, and how."""

    address: str
    port: int
    transport: Transport

    @property
    def streamed(self) -> bool:
        """Whether messages may be 65,535 octets long and no address can be forged."""
        return self.transport is not Transport.UDP


@dataclass(frozen=True, slots=True)
class Request:
    """A query that could be read, with who asked it and when (Unix time in seconds)."""

    query: Query
    asker: Asker
    now: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to send.

    Attributes:
        wire: the message, without the length that precedes it on a stream.
        delay: seconds to wait before it is sent.
        other_port: send it from another UDP port than the one asked.
    """

    wire: bytes
    delay: float = 0.0
    other_port: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one received message.

    Attributes:
        deliveries: what to send, in order; none for what deserves no answer.
        query: the query, when it could be read.
        keep: whether the same octets from anyone earn the same answer until the zones change.
        reason: the rule that a refused query broke.
        forward: the request to ask an upstream about instead.
        stream: more messages, to be sent as fast as a connection takes them.
        trusted: whether the asker cannot be forged, since it holds a server cookie.
    """

    deliveries: tuple[Delivery, ...] = ()
    query: Query | None = None
    keep: bool = False
    reason: str = ""
    forward: Request | None = None
    stream: Iterator[bytes] | None = None
    trusted: bool = False
