"""A tunnel: two transports, each writing what the other reads, ends and failures passed on as what they are.

data            written to the other side; a side that takes no more stops the other's reading
FIN             FIN on the other side, which may go on sending; the tunnel ends after both
RST, a broken   RST on the other side, so that nobody takes half a transfer for a whole one
connection
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from services.kit.journal import Connection
from services.kit.reset import reset


class Side(asyncio.Protocol):
    """One end of a tunnel. `carried` counts the bytes that came in here."""

    transport: asyncio.Transport
    tunnel: Tunnel
    address = ""
    """Where a target was dialled, ADDRESS:PORT."""

    def __init__(self, buffer: int) -> None:
        self._buffer = buffer
        self.early = b""
        self.carried = 0
        self.ended = False
        self.gone = False
        self.error: Exception | None = None
        self.other: Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Dialled."""
        self.adopt(cast("asyncio.Transport", transport))

    def adopt(self, transport: asyncio.Transport) -> None:
        """Takes over a transport that has been another protocol's so far."""
        self.transport = transport
        transport.set_write_buffer_limits(high=self._buffer)

    def join(self, other: Side) -> None:
        """Begins to carry to `other`."""
        self.other = other
        self._write = other.transport.write

    def part(self) -> None:
        """The tunnel is no more. Who held on to each other would wait for the collector of cycles."""
        self.other = None
        del self._write, self.tunnel

    def keep(self, data: bytes) -> None:
        """What a target says before the tunnel stands; it is to say no more until then."""
        self.early += data
        self.transport.pause_reading()

    def begin(self, early: bytes) -> None:
        """The tunnel stands: carries `early`, for which reading may have stopped, then whatever comes."""
        if early:
            if not self.gone and not self.ended and not self.transport.is_closing():
                # First: when the other side does not take all of it, reading stops again.
                self.transport.resume_reading()
            self.data_received(early)
        if self.gone:
            self.tunnel.lost(self, self.error)
        elif self.ended:
            self.tunnel.half_closed(self)

    def eof_received(self) -> bool:
        """No more from here; the other direction goes on until its own end."""
        self.ended = True
        if self.other is not None:
            self.tunnel.half_closed(self)
        return True

    def pause_writing(self) -> None:
        """This side takes no more."""
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """This side takes more again."""
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed by us, or broken; if it was before the tunnel stood, `Tunnel.start` learns of it."""
        self.gone, self.error = True, exc
        if self.other is not None:
            self.tunnel.lost(self, exc)


class ClientSide(Side):
    """The end where the client is: what comes counts as read on its connection."""

    def data_received(self, data: bytes) -> None:
        """Carried over as it came."""
        size = len(data)
        self.carried += size
        self.tunnel.connection.bytes_in += size
        self._write(data)


class TargetSide(Side):
    """The end where the target is: what comes counts as written on the client's connection."""

    def data_received(self, data: bytes) -> None:
        """Carried over as it came."""
        if self.other is None:
            self.keep(data)
            return
        size = len(data)
        self.carried += size
        self.tunnel.connection.bytes_out += size
        self._write(data)


class Tunnel:
    """The pair. `over` is called once, with the error that ended it, when both sides are closed."""

    def __init__(
        self, client: Side, target: Side, connection: Connection, over: Callable[[Tunnel], None]
    ) -> None:
        self.client, self.target, self.connection = client, target, connection
        self.reason = "end"
        self.timer: asyncio.TimerHandle | None = None
        """Ends its lifetime, where that is limited."""
        self._over, self._left = over, 2
        client.tunnel = target.tunnel = self

    def start(self, early: bytes) -> None:
        """Carries `early`, what came behind the CONNECT, and then everything."""
        self.client.join(self.target)
        self.target.join(self.client)
        self.client.begin(early)
        self.target.begin(self.target.early)
        self.target.early = b""

    def moved(self) -> int:
        """A number that changes whenever bytes are carried."""
        return self.client.carried + self.target.carried

    def quiet(self) -> None:
        """Nothing was carried for the idle time-out."""
        self.abort("idle")

    def half_closed(self, side: Side) -> None:
        """`side` has sent FIN; once both have, everything is flushed and closed."""
        other = self._other(side)
        if other.ended:
            side.transport.close()
            other.transport.close()
        else:
            other.transport.write_eof()

    def abort(self, reason: str) -> None:
        """Ends both sides by RST."""
        if self.reason == "end":
            self.reason = reason
        for side in (self.client, self.target):
            reset(side.transport)

    def lost(self, side: Side, exc: Exception | None) -> None:
        """`side` is closed; so is the other, in the same manner."""
        other = self._other(side)
        if exc is not None and self.reason == "end":
            self.reason = "client reset" if side is self.client else "target reset"
        if self.reason == "end":
            other.transport.close()
        else:
            reset(other.transport)
        self._left -= 1
        if self._left == 0:
            self._over(self)
            self.client.part()
            self.target.part()

    def _other(self, side: Side) -> Side:
        return self.target if side is self.client else self.client
