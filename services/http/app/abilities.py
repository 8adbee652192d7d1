"""What only some wires can do. A route that needs one asks `exchange.ability(Wire)`, or is answered 501."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

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


class Session(ABC):
    """An HTTP/2 session in the server's hands (RFC 9113): what concerns all of its streams."""

    @property
    @abstractmethod
    def facts(self) -> Mapping[str, object]:
        """Settings of both sides, windows, streams, `alpnProtocol`, `encrypted`, this stream's priority."""

    @abstractmethod
    async def ping(self) -> float:
        """PING; the seconds until its answer. Raises ClientGone."""

    @abstractmethod
    async def change_settings(self, changes: Mapping[int, int]) -> None:
        """Changes settings of the server and waits for the acknowledgement. Raises Refused, ClientGone."""

    @abstractmethod
    def set_window(self, size: int) -> None:
        """Lets the client send `size` bytes over all streams; a window is never taken back."""

    @abstractmethod
    def goaway(self, code: int, last_stream: int | None, debug: bytes) -> None:
        """GOAWAY; the session goes on for the streams up to `last_stream`. Raises Refused."""

    @abstractmethod
    def close(self) -> None:
        """Graceful close: open streams finish, new ones are refused (RFC 9113 6.8)."""

    @abstractmethod
    def altsvc(self, value: bytes, origin: bytes) -> None:
        """Advertises an alternative service, for this stream's origin when `origin` is empty (RFC 7838)."""

    @abstractmethod
    def origin(self, origins: Sequence[bytes]) -> None:
        """Names the origins that the session speaks for (RFC 8336)."""

    @abstractmethod
    def push(self, path: str) -> int:
        """Promises `GET path` and answers it; gives the promised stream. Raises Refused (RFC 9113 8.4)."""

    @abstractmethod
    def watch_frames(self, wanted: bool) -> None:
        """Whether the journal tells every frame of the session."""
