"""What we may send, and when: the actions of a session (RFC 9113 6, 8.1 and 8.4).

Actions queue frames; `take` hands out the bytes. Content waits in its stream until both windows
admit it. An action that the state does not allow raises ActionRefused and sends nothing.
"""

from collections import deque
from collections.abc import Sequence

from . import frames
from .compression import NO_DYNAMIC_TABLE
from .errors import ActionRefused, ErrorCode
from .events import FrameSeen, ResponseSent
from .frames import FrameType
from .headers import RequestHead
from .limits import Limits
from .scheduler import Scheduler
from .settings import Setting, check
from .streams import Input, State, Stream, send

_SHUTDOWN_PING = b"shutdown"


class Outbound(Scheduler):
    """The sending half of a session."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._block_prefix = NO_DYNAMIC_TABLE
        self._stopping = False
        self.trace = False
        """Report every frame as FrameSeen."""

    def take(self, room: int = 262_144) -> bytes:
        """The bytes to write now: what is queued, and content up to about `room` octets."""
        return b"".join(self.take_pieces(room))

    def take_pieces(self, room: int = 262_144) -> Sequence[bytes | memoryview]:
        """The same as `take`, large content uncopied: to be written with one `writelines`."""
        if self._ready:
            self._schedule(room)
        out = self._out
        if not out:
            return ()
        self._out = []
        if self.trace:
            self._report(b"".join(out))
        if self._bulky:
            self._bulky = False
            return out
        return (b"".join(out),)

    def _report(self, data: bytes) -> None:
        position = 0
        while position < len(data):
            word, flags, stream_id = frames.HEADER.unpack_from(data, position)
            length = word >> 8
            self._events.append(FrameSeen(True, word & 0xFF, flags, stream_id, length))
            position += frames.HEADER_LENGTH + length

    # Responses

    def respond(self, stream_id: int, block: bytes, body: bytes) -> bool:
        """A whole response: the final head (an encoded block) and its content.

        Returns True when it went out at once and thereby closed the stream; otherwise ResponseSent and
        StreamClosed follow in their time.
        """
        stream = self.stream(stream_id)
        size = len(body)
        room = min(stream.send_window, self.send_window, self._frame_size)
        if size > room or len(block) >= self._frame_size or stream.pending is not None or stream.responded:
            self.send_head(stream_id, block, end_stream=not size)
            if size:
                self.send_data(stream_id, body, end_stream=True)
            return False
        after = send(stream.state, Input.SEND_HEADERS_END, stream_id)
        stream.send_window -= size
        self.send_window -= size
        self._write_whole(stream_id, block, body)
        return self._ended(stream, after)

    def _write_whole(self, stream_id: int, block: bytes, body: bytes) -> None:
        if self._block_prefix:
            block = self._block_prefix + block
            self._block_prefix = b""
        pack = frames.HEADER.pack
        if body:
            self._data_frames += 1
            self._out += (
                pack(len(block) << 8 | FrameType.HEADERS, frames.END_HEADERS, stream_id),
                block,
                pack(len(body) << 8, frames.END_STREAM, stream_id),
                body,
            )
        else:
            flags = frames.END_HEADERS | frames.END_STREAM
            self._out += (pack(len(block) << 8 | FrameType.HEADERS, flags, stream_id), block)

    def _ended(self, stream: Stream, after: State) -> bool:
        """We have sent END_STREAM; returns whether the stream is closed."""
        stream.state = after
        stream.responded = True
        if after is State.CLOSED:
            self._discard(stream.id)
            return True
        self._events.append(ResponseSent(stream.id))
        return False

    def send_informational(self, stream_id: int, block: bytes) -> None:
        """An interim (1xx) response, before the final one (RFC 9113 8.1)."""
        stream = self.stream(stream_id)
        if stream.responded:
            raise ActionRefused("an interim response after the final one")
        self._write_head(stream, block, Input.SEND_HEADERS)

    def send_head(self, stream_id: int, block: bytes, end_stream: bool) -> None:
        """The final response head; with `end_stream` it is the whole response."""
        stream = self.stream(stream_id)
        if stream.responded:
            raise ActionRefused("a second final response")
        self._write_head(stream, block, Input.SEND_HEADERS_END if end_stream else Input.SEND_HEADERS)
        stream.responded = True
        if end_stream:
            self._finished(stream)

    def _write_head(self, stream: Stream, block: bytes, event: Input) -> None:
        stream.state = send(stream.state, event, stream.id)
        block, self._block_prefix = self._block_prefix + block, b""
        self._out.append(frames.headers(stream.id, block, event is Input.SEND_HEADERS_END, self._frame_size))

    def send_data(self, stream_id: int, data: bytes, end_stream: bool = False) -> None:
        """Queue content; it leaves with `take`, as the windows allow."""
        stream = self._unfinished(stream_id)
        if stream.pending is None:
            stream.pending = deque()
        if data:
            stream.pending.append(data)
            stream.pending_size += len(data)
        stream.ended = end_stream
        self._offer(stream)

    def send_trailers(self, stream_id: int, block: bytes) -> None:
        """End the response with a trailer section, after whatever content is queued (RFC 9113 8.1)."""
        stream = self._unfinished(stream_id)
        stream.trailers = block
        self.send_data(stream_id, b"", end_stream=True)

    def _unfinished(self, stream_id: int) -> Stream:
        stream = self.stream(stream_id)
        if not stream.responded or stream.ended or stream.state is State.HALF_CLOSED_LOCAL:
            raise ActionRefused("content before the response head, or after its end")
        return stream

    def reset(self, stream_id: int, code: int = ErrorCode.CANCEL) -> None:
        """End a stream with RST_STREAM; what it had queued is dropped. Raises StreamGone."""
        stream = self.stream(stream_id)
        send(stream.state, Input.SEND_RST_STREAM, stream_id)
        self._reset(stream_id, code, "")

    def push(self, stream_id: int, block: bytes, head: RequestHead) -> int:
        """Promise a response to `head` (RFC 9113 8.4); returns the promised stream.

        Raises ActionRefused when the peer has disabled push or its limit is reached, or for a method
        that is not safe.
        """
        parent = self.stream(stream_id)
        if not stream_id & 1 or parent.state not in (State.OPEN, State.HALF_CLOSED_REMOTE):
            raise ActionRefused("a promise needs an open stream of the client")
        if not self.remote[Setting.ENABLE_PUSH]:
            raise ActionRefused("the peer has disabled push")
        if (
            self._pushed_open >= self.remote[Setting.MAX_CONCURRENT_STREAMS]
            or self.goaway_received is not None
        ):
            raise ActionRefused("the peer takes no more pushed streams")
        if head.method not in (b"GET", b"HEAD"):
            raise ActionRefused("only a safe request without content may be promised")
        return self._promise(stream_id, block, head)

    def _promise(self, stream_id: int, block: bytes, head: RequestHead) -> int:
        self.last_pushed_id += 2
        promised = Stream(
            self.last_pushed_id,
            send(State.IDLE, Input.SEND_PUSH_PROMISE, self.last_pushed_id),
            head,
            self.remote[Setting.INITIAL_WINDOW_SIZE],
            0,
        )
        self.streams[promised.id] = promised
        self._pushed_open += 1
        block, self._block_prefix = self._block_prefix + block, b""
        self._out.append(frames.push_promise(stream_id, promised.id, block, self._frame_size))
        return promised.id

    # The session

    def send_settings(self, changes: dict[int, int]) -> None:
        """Change settings of ours; they hold once acknowledged (RFC 9113 6.5.3). Raises ConnectionFault
        when a value is out of its range."""
        for identifier, value in changes.items():
            check(identifier, value)
        self._offered.update(changes)
        self._unacknowledged.append(tuple(changes.items()))
        self._decoder.forget()
        self._out.append(frames.settings(changes.items()))

    def ping(self, data: bytes) -> None:
        """Send PING with eight octets; PingAcknowledged follows."""
        if len(data) != 8:
            raise ActionRefused("PING carries eight octets")
        self._out.append(frames.ping(data))

    def goaway(self, code: int, last_stream_id: int | None = None, debug: bytes = b"") -> None:
        """Say that no streams above `last_stream_id` (default: the highest seen) are processed.

        The session goes on for the others (RFC 9113 6.8). Raises ActionRefused when `last_stream_id` is
        higher than an earlier GOAWAY said.
        """
        last = self.last_peer_id if last_stream_id is None else last_stream_id
        if self.goaway_sent is not None and last > self.goaway_sent:
            if last_stream_id is not None:
                raise ActionRefused("GOAWAY may not name a higher stream than before")
            last = self.goaway_sent
        self._goaway(last, code, debug)

    def shut_down(self) -> None:
        """Begin a graceful stop in two steps (RFC 9113 6.8): GOAWAY naming 2^31-1 and a PING now, the real
        last stream once the PING is acknowledged."""
        if self._stopping or self.over:
            return
        self._stopping = True
        if self.goaway_sent is None:
            self._goaway(frames.MAX_STREAM_ID, ErrorCode.NO_ERROR)
        self.ping(_SHUTDOWN_PING)

    @property
    def goaway_is_final(self) -> bool:
        """Whether the last GOAWAY named the stream that really is the last."""
        return self.goaway_sent not in (None, frames.MAX_STREAM_ID)

    def _ping_returned(self, data: bytes) -> None:
        if self._stopping and data == _SHUTDOWN_PING:
            self.goaway(ErrorCode.NO_ERROR)

    def consumed(self, stream_id: int, size: int) -> None:
        """`size` octets of DataReceived.flow have been used up: reopen the windows (RFC 9113 6.9)."""
        self._give_back(size)
        stream = self.streams.get(stream_id)
        if stream is None or stream.state not in (State.OPEN, State.HALF_CLOSED_LOCAL):
            return
        stream.announced += size
        if stream.announced * 2 >= self.local[Setting.INITIAL_WINDOW_SIZE]:
            stream.inflow += stream.announced
            self._out.append(frames.window_update(stream_id, stream.announced))
            stream.announced = 0

    def set_session_window(self, size: int) -> None:
        """Let the peer send up to `size` octets over all streams; a window is never taken back."""
        growth = size - self._session_window
        self._session_window = size
        if growth > 0:
            self.inflow += growth
            self._out.append(frames.window_update(0, growth))

    def altsvc(self, value: bytes, origin: bytes = b"", stream_id: int = 0) -> None:
        """Advertise an alternative service for an origin, or for a request's own (RFC 7838 4)."""
        if bool(origin) == bool(stream_id):
            raise ActionRefused("ALTSVC names an origin on stream 0, and none elsewhere")
        self._out.append(frames.altsvc(stream_id, origin, value))

    def origin(self, origins: list[bytes]) -> None:
        """Name the origins that this session speaks for (RFC 8336 2)."""
        self._out.append(frames.origin(origins))
