"""HTTP/2 on an asyncio transport: feeds the core, and writes what it gives.

Everything that one read brings is answered with one write. Reading stops while the peer does not read, so
that neither content nor control frames pile up.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from services.http.reference.h2 import ErrorCode
from services.http.reference.http2_life import Life

_ROOM = 262_144
_TURNS = 4


class Link(Life):
    """Reading and writing for a session, whose life http2_life.py tells."""

    @abstractmethod
    def _wrote(self) -> None:
        """Something has been written: there may be room in streams again."""

    # What the transport tells

    def data_received(self, data: bytes) -> None:
        """Bytes of the client."""
        self.connection.bytes_in += len(data)
        if self._lingering:
            return
        self._moved()
        self.core.feed(data)
        self._pump()

    def eof_received(self) -> bool:
        """The client sends no more: what it has asked for in full is still answered, as far as windows go."""
        self._emit("end", self.connection)
        self._ended = self._stopping = True
        for stream_id in self.core.unfinished_requests():
            self.core.reset(stream_id, ErrorCode.CANCEL)
        self.flush_soon()
        return bool(self.core.streams) and not self._lingering

    def pause_writing(self) -> None:
        """The client does not read: take nothing more from it either."""
        self._paused = True
        self.deadline = self.site.now + self.site.settings.write_within
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._paused = False
        self._emit("drain", self.connection)
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self._moved()
        self.flush_soon()

    # Reading and writing

    def flush_soon(self) -> None:
        """Write at the end of this turn of the loop, once for all that it brings."""
        if not self._flushing and self._open:
            self._flushing = True
            self.site.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._open:
            self._pump()

    def _pump(self) -> None:
        """Handle what has happened and write what is due; what is left after some turns is for the next."""
        scheduled, self._flushing = self._flushing, True  # what is done meanwhile goes out with these turns
        done = any(not self._turn() for _ in range(_TURNS))
        self._flushing = scheduled
        if not done:
            self.flush_soon()
        if self.core.over or self._stopping:
            self._close_when_done()

    def _turn(self) -> bool:
        """Handle, then write; whether there was anything to write."""
        self._dispatch()
        if self._paused or self._lingering:
            return False
        pieces = self.core.take_pieces(_ROOM)
        if pieces:
            self._write(pieces)
            self._wrote()
        return bool(pieces)

    def _write(self, pieces: Sequence[bytes | memoryview]) -> None:
        if len(pieces) == 1:
            self.connection.bytes_out += len(pieces[0])
            self.transport.write(pieces[0])
        else:
            self.connection.bytes_out += sum(map(len, pieces))
            self.transport.writelines(pieces)

    def consumed(self, stream_id: int, size: int) -> None:
        """Content has been read: reopen the windows."""
        self.core.consumed(stream_id, size)
        self.flush_soon()
