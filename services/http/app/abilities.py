"""What only some wires can do. A route that needs one asks `exchange.ability(Wire)`, or is answered 501."""

from __future__ import annotations

from abc import ABC, abstractmethod

from services.http.app.message import Fields


class Wire(ABC):
    """HTTP/1.1's own bytes, taken out of the engine's hands: what misbehaving on purpose needs.

    From the first `write`, `fin`, `reset` or `stall` on, the engine frames nothing, and the connection ends
    with the exchange; `start`, `send` and `finish` are out of reach.
    """

    @abstractmethod
    async def write(self, data: bytes) -> None:
        """Sends `data` as it is, waiting while the client reads too slowly. Raises ClientGone."""

    @abstractmethod
    def fin(self) -> None:
        """Ends the connection with FIN behind what was written (TLS: close_notify first)."""

    @abstractmethod
    def reset(self) -> None:
        """Ends the connection with RST, now."""

    @abstractmethod
    async def stall(self, seconds: float) -> None:
        """Neither reads nor writes for `seconds`: the client's bytes pile up. Raises ClientGone."""


class Tunnel(ABC):
    """A connection, or stream, that stops being HTTP (RFC 9110 7.8 and 9.3.6, RFC 8441).

    Once open, the exchange's `receive`, `send` and `finish` carry its bytes as they are.
    """

    @property
    @abstractmethod
    def offers(self) -> tuple[str, ...]:
        """The protocols that the client offers, in lower case, the one it likes best first."""

    @abstractmethod
    async def open(self, protocol: str | None, fields: Fields = ()) -> None:
        """Accepts: 101 with Upgrade on HTTP/1.1, 200 to a CONNECT (`protocol` None) and on HTTP/2."""
