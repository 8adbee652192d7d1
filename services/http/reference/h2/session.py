"""What both directions of a session share: streams, settings, windows, output and events."""

from collections import OrderedDict

from . import frames
from .compression import FieldDecoder
from .errors import StreamGone
from .events import Event, StreamClosed
from .flow import INITIAL_WINDOW
from .limits import Budgets, Limits
from .settings import initial_settings
from .streams import State, Stream

MAX_SENT_FRAME = 65_536
"""We send no DATA frame longer than this, whatever the peer takes."""


class Session:
    """The state of one HTTP/2 session, seen from the server; see `Connection` for what is done with it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.local = initial_settings()
        """Our settings, as far as the peer has acknowledged them."""
        self.remote = initial_settings()
        """The peer's settings."""
        self.streams: dict[int, Stream] = {}
        """Streams that are neither idle nor closed, by identifier."""
        self.last_peer_id = 0
        """The highest stream that the peer has opened."""
        self.last_pushed_id = 0
        self.send_window = INITIAL_WINDOW
        self.inflow = INITIAL_WINDOW
        """What the peer may still send us over all streams."""
        self.over = False
        """Nothing more is read: the session failed."""
        self.goaway_sent: int | None = None
        """The last stream that our latest GOAWAY named."""
        self.goaway_received: int | None = None
        self._pushed_open = 0
        self._offered = initial_settings()
        """Our settings as last sent, acknowledged or not."""
        self._unacknowledged: list[tuple[tuple[int, int], ...]] = []
        self._consumed = 0
        self._session_window = INITIAL_WINDOW
        self._frame_size = frames.DEFAULT_FRAME_SIZE
        self._events: list[Event] = []
        self._out: list[bytes | memoryview] = []
        self._bulky = False
        """Whether what is queued is better written piece by piece than joined."""
        self._ready: dict[int, Stream] = {}
        """Streams with something to send and the window to send it."""
        self._resets: OrderedDict[int, None] = OrderedDict()
        """Streams that we have reset lately; late frames on them are ignored (RFC 9113 5.1)."""
        self._forgotten_resets = 0
        self._decoder = FieldDecoder(limits.decoded_section)
        self._budgets = Budgets(limits.budgets)
        self._data_frames = 0
        self._updates = 0

    def take_events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        events = self._events
        self._events = []
        return events

    def refill(self, seconds: float) -> None:
        """Tell the budgets that `seconds` have passed."""
        self._budgets.refill(seconds)

    @property
    def peer_streams(self) -> int:
        """How many streams of the peer are open or half-closed (RFC 9113 5.1.2)."""
        return len(self.streams) - self._pushed_open

    @property
    def offered_settings(self) -> dict[int, int]:
        """Our settings as last sent."""
        return dict(self._offered)

    @property
    def settings_pending(self) -> bool:
        """Whether a SETTINGS frame of ours waits for its acknowledgement (RFC 9113 6.5.3)."""
        return bool(self._unacknowledged)

    def unfinished_requests(self) -> list[int]:
        """The streams whose requests have not come to their ends."""
        going = (State.OPEN, State.HALF_CLOSED_LOCAL)
        return [stream.id for stream in self.streams.values() if stream.state in going]

    def stream(self, stream_id: int) -> Stream:
        """The stream, if it is alive; raises StreamGone."""
        stream = self.streams.get(stream_id)
        if stream is None:
            raise StreamGone(f"stream {stream_id} is closed")
        return stream

    def _close(self, stream: Stream, code: int, by_peer: bool = False, reason: str = "") -> None:
        """Forget a stream and say that it has closed."""
        self._discard(stream.id)
        self._events.append(StreamClosed(stream.id, code, by_peer, reason))

    def _discard(self, stream_id: int) -> None:
        if self.streams.pop(stream_id, None) is not None and not stream_id & 1:
            self._pushed_open -= 1
        self._ready.pop(stream_id, None)

    def _reset(self, stream_id: int, code: int, reason: str) -> None:
        """Send RST_STREAM and remember it, for frames that are already on their way (RFC 9113 5.4.2)."""
        self._out.append(frames.rst_stream(stream_id, code))
        self._discard(stream_id)
        self._events.append(StreamClosed(stream_id, code, False, reason))
        self._resets[stream_id] = None
        if len(self._resets) > self.limits.remembered_resets:
            forgotten, _ = self._resets.popitem(last=False)
            self._forgotten_resets = max(self._forgotten_resets, forgotten)

    def _was_reset(self, stream_id: int) -> bool:
        return stream_id in self._resets or stream_id <= self._forgotten_resets

    def _give_back(self, size: int) -> None:
        """Reopen the session's receive window by `size` octets, once half of it has been consumed."""
        self._consumed += size
        if self._consumed * 2 >= self._session_window:
            self.inflow += self._consumed
            self._out.append(frames.window_update(0, self._consumed))
            self._consumed = 0

    def _goaway(self, last_stream_id: int, code: int, debug: bytes = b"") -> None:
        self.goaway_sent = last_stream_id
        self._out.append(frames.goaway(last_stream_id, code, debug))
