"""Which content leaves next: windows (RFC 9113 5.2), urgency first and turns among equals (RFC 9218 10)."""

from collections.abc import Iterable

from . import frames
from .errors import ErrorCode
from .events import ResponseSent
from .frames import FrameType
from .session import Session
from .streams import Input, State, Stream, send

_BULKY = 8_192
"""Octets of content that are not worth copying once more."""
_TURN = 65_536
"""Octets that a stream sends before it is another's turn."""


class Scheduler(Session):
    """A session that frames queued content when there is window for it."""

    def _offer(self, stream: Stream) -> None:
        """Let a stream take part when it has something that its own window admits."""
        if (stream.pending_size and stream.send_window > 0) or (stream.ended and not stream.pending_size):
            self._ready[stream.id] = stream

    @property
    def waits_for_window(self) -> bool:
        """Whether no stream can go on without a WINDOW_UPDATE of the peer."""
        closed = self.send_window <= 0
        return all(s.pending_size and (closed or s.send_window <= 0) for s in self.streams.values())

    def _offer_all(self, streams: Iterable[Stream]) -> None:
        for stream in streams:
            if stream.pending is not None:
                self._offer(stream)

    def _schedule(self, room: int) -> None:
        """Queue up to about `room` octets of content, the most urgent first."""
        while self._ready and room > 0:
            turn = self._turn()
            if not turn:
                return
            for stream in turn:
                if room > 0:
                    room -= self._send_some(stream, max(room, self._frame_size))
                    self._pass_on(stream)

    def _pass_on(self, stream: Stream) -> None:
        """The next turn, should this one end early, begins with another of those that share."""
        if stream.incremental and stream.id in self._ready:
            self._ready[stream.id] = self._ready.pop(stream.id)

    def _turn(self) -> list[Stream]:
        """The streams that send in turn: the most urgent ones, or the first that does not share."""
        ready = [s for s in self._ready.values() if self.send_window > 0 or not s.pending_size]
        if len(ready) < 2:
            return ready
        urgency = min(stream.urgency for stream in ready)
        equals = [stream for stream in ready if stream.urgency == urgency]
        alone = [stream for stream in equals if not stream.incremental]
        shared = [stream for stream in equals if stream.incremental]
        return alone[:1] + shared

    def _send_some(self, stream: Stream, room: int) -> int:
        """Frame what one turn allows; returns the octets queued."""
        size = min(stream.pending_size, stream.send_window, self.send_window, room, _TURN)
        if size <= 0 and stream.pending_size:
            return self._wait(stream)
        whole = size == stream.pending_size
        last = whole and stream.ended and stream.trailers is None
        if size or last:
            self._write_frames(stream, size, last)
        if whole and stream.ended:
            self._end(stream)
        elif whole or stream.send_window <= 0:
            self._wait(stream)
        return size + frames.HEADER_LENGTH

    def _wait(self, stream: Stream) -> int:
        if stream.send_window <= 0 or not stream.pending_size:
            self._ready.pop(stream.id, None)
        return 0

    def _write_frames(self, stream: Stream, size: int, last: bool) -> None:
        stream.pending_size -= size
        stream.send_window -= size
        self.send_window -= size
        self._bulky = self._bulky or size >= _BULKY
        while size > self._frame_size:
            self._write_data(stream, self._frame_size, 0)
            size -= self._frame_size
        self._write_data(stream, size, frames.END_STREAM if last else 0)

    def _write_data(self, stream: Stream, size: int, flags: int) -> None:
        self._data_frames += 1
        self._out.append(frames.HEADER.pack(size << 8 | FrameType.DATA, flags, stream.id))
        self._out.extend(_taken(stream, size))

    def _end(self, stream: Stream) -> None:
        """The queued content has left: send trailers if there are any, and end our side."""
        if stream.trailers is not None:
            self._out.append(frames.headers(stream.id, stream.trailers, True, self._frame_size))
        stream.state = send(stream.state, Input.SEND_DATA_END, stream.id)
        stream.pending = None
        self._ready.pop(stream.id, None)
        self._finished(stream)

    def _finished(self, stream: Stream) -> None:
        """END_STREAM is queued for the wire."""
        self._events.append(ResponseSent(stream.id))
        if stream.state is State.CLOSED:
            self._close(stream, ErrorCode.NO_ERROR)


def _taken(stream: Stream, size: int) -> Iterable[bytes | memoryview]:
    """Remove `size` octets from the head of a stream's queue, without copying."""
    pending = stream.pending
    while size and pending:
        piece = pending.popleft()
        if len(piece) > size:
            view = memoryview(piece)
            pending.appendleft(view[size:])
            piece = view[:size]
        size -= len(piece)
        yield piece
