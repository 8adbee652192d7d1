"""An HTTP/2 session of a server, without I/O: bytes in, events out; actions in, bytes out (RFC 9113).

    connection = Connection(Limits())
    connection.open()
    connection.feed(received)
    for event in connection.take_events(): ...
    connection.respond(stream_id, block, body)
    transport.write(connection.take())

Whoever drives it does the rest that needs a clock or a socket: it calls `refill` as time passes, closes
after `SessionFailed` once the bytes are out, and stops feeding while the peer does not read.
"""

from . import frames
from .errors import ConnectionFault, ErrorCode, StreamFault
from .events import FrameSeen, RequestReceived, SessionFailed
from .flow import INITIAL_WINDOW
from .frames import FrameType
from .headers import RequestHead
from .inbound import HANDLERS, Inbound
from .limits import Cost, Limits
from .settings import Setting
from .streams import AFTER_REQUEST_HEAD, AFTER_WHOLE_REQUEST, Stream

_UNPACK = frames.HEADER.unpack_from


class Connection(Inbound):
    """The session; inherits the actions of `Outbound`."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._buffer = bytearray()
        self._need = len(frames.PREFACE)
        self._expected: FrameType | None = FrameType.SETTINGS
        """The only frame type that may come next: the preface's SETTINGS, or CONTINUATION."""
        self._preface_seen = False

    def open(self) -> None:
        """Queue the server's preface, SETTINGS (RFC 9113 3.4), and the session window of `Limits`."""
        limits = self.limits
        self.send_settings(
            {
                Setting.MAX_CONCURRENT_STREAMS: limits.concurrent_streams,
                Setting.INITIAL_WINDOW_SIZE: limits.stream_window,
                Setting.MAX_FRAME_SIZE: limits.frame_size,
                Setting.MAX_HEADER_LIST_SIZE: limits.field_section,
                Setting.ENABLE_CONNECT_PROTOCOL: 1,
                Setting.NO_RFC7540_PRIORITIES: 1,
            }
        )
        self.set_session_window(max(limits.session_window, INITIAL_WINDOW))

    def upgraded(self, settings_payload: bytes, head: RequestHead, end_stream: bool) -> None:
        """Begin as an HTTP/1.1 request with `Upgrade: h2c` that was answered 101 (RFC 7540 3.2).

        `settings_payload` is the decoded HTTP2-Settings field, which counts as acknowledged; the request
        becomes stream 1. Raises ConnectionFault when the settings are not valid.
        """
        if len(settings_payload) % 6:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "HTTP2-Settings not of pairs", "RFC 7540 3.2.1")
        self.apply_settings(settings_payload)
        self.last_peer_id = 1
        state = AFTER_WHOLE_REQUEST if end_stream else AFTER_REQUEST_HEAD
        window = self.remote[Setting.INITIAL_WINDOW_SIZE]
        self.streams[1] = Stream(1, state, head, window, INITIAL_WINDOW)
        self._events.append(RequestReceived(1, head, end_stream))

    def feed(self, data: bytes) -> None:
        """Take what came from the peer, in pieces of any size. Never raises; see `take_events` and `take`."""
        if self.over:
            return
        if self._buffer or len(data) < self._need:
            self._buffer += data
            if len(self._buffer) < self._need and (self._preface_seen or _may_be_preface(self._buffer)):
                return
            data = bytes(self._buffer)
            self._buffer.clear()
        try:
            rest = self._take_frames(data, 0 if self._preface_seen else self._take_preface(data))
        except ConnectionFault as fault:
            self._fail(fault)
        else:
            self._buffer += data[rest:]

    def _take_preface(self, data: bytes) -> int:
        if not data.startswith(frames.PREFACE):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "not an HTTP/2 preface", "RFC 9113 3.4")
        self._preface_seen = True
        return len(frames.PREFACE)

    def _take_frames(self, data: bytes, position: int) -> int:
        """Handle every whole frame from `position` on; returns where the rest begins."""
        end = len(data)
        longest = max(self._offered[Setting.MAX_FRAME_SIZE], frames.DEFAULT_FRAME_SIZE)
        while end - position >= frames.HEADER_LENGTH:
            word, flags, stream_id = _UNPACK(data, position)
            length = word >> 8
            if length > longest:
                raise ConnectionFault(
                    ErrorCode.FRAME_SIZE_ERROR, f"a frame of {length} octets", "RFC 9113 4.2"
                )
            start = position + frames.HEADER_LENGTH
            if end - start < length:
                self._need = frames.HEADER_LENGTH + length
                return position
            position = start + length
            try:
                self._take_frame(word & 0xFF, flags, stream_id & frames.MAX_STREAM_ID, data[start:position])
            except StreamFault as fault:
                self._fail_stream(fault)
        self._need = frames.HEADER_LENGTH
        return position

    def _take_frame(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        if self.trace:
            self._events.append(FrameSeen(False, kind, flags, stream_id, len(payload)))
        if self._expected is not None:
            self._check_expected(kind, flags, stream_id)
        handler = HANDLERS.get(kind)
        if handler is None:
            self._budgets.spend(Cost.IGNORED)
            return
        if stream_id == 0 or kind > FrameType.HEADERS:
            frames.check_layout(kind, len(payload), stream_id)
        handler(self, flags, stream_id, payload)
        if self._assembly is not None:
            self._expected = FrameType.CONTINUATION

    def _check_expected(self, kind: int, flags: int, stream_id: int) -> None:
        """The one frame that may come now (RFC 9113 3.4 and 6.10)."""
        wanted = self._expected
        self._expected = None
        if wanted is FrameType.SETTINGS and (kind != wanted or flags & frames.ACK):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a preface without SETTINGS", "RFC 9113 3.4")
        if wanted is FrameType.CONTINUATION and (
            kind != wanted or self._assembly is None or stream_id != self._assembly.stream_id
        ):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a field block interrupted", "RFC 9113 6.10")

    def _fail_stream(self, fault: StreamFault) -> None:
        """A stream error costs the stream, and counts: provoking them is an attack too (RFC 9113 5.4.2)."""
        self._budgets.spend(Cost.PROVOKED_RESET)
        self._reset(fault.stream_id, fault.code, str(fault))

    def _fail(self, fault: ConnectionFault) -> None:
        """A connection error: GOAWAY with the last stream that may have been processed (RFC 9113 5.4.1)."""
        self.over = True
        self._buffer.clear()
        last = self.last_peer_id if self.goaway_sent is None else min(self.last_peer_id, self.goaway_sent)
        self._goaway(last, fault.code, fault.reason.encode()[:256])
        for stream in list(self.streams.values()):
            self._close(stream, fault.code, reason=str(fault))
        self._events.append(SessionFailed(fault.code, fault.reason, fault.clause))


def _may_be_preface(data: bytearray) -> bool:
    return frames.PREFACE.startswith(data[: len(frames.PREFACE)])
