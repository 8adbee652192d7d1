"""Field blocks as they come: requests, trailer sections and late ones (RFC 9113 5.1.1, 6.2, 6.10 and 8.1)."""

from dataclasses import dataclass

from . import priority, streams
from .errors import ConnectionFault, ErrorCode, StreamFault
from .events import PriorityReceived, RequestReceived, RequestTooLarge, TrailersReceived
from .headers import Fields, Malformed, RequestHead, request_head, trailer_fields
from .limits import MAX_CONTINUATIONS, Cost, Limits
from .outbound import Outbound
from .priority import Dependency
from .settings import Setting
from .streams import AFTER_REQUEST_HEAD, AFTER_WHOLE_REQUEST, Input, State, Stream

_REMEMBERED_GAPS = 64


@dataclass(slots=True)
class Assembly:
    """A field block whose CONTINUATION frames are awaited (RFC 9113 6.10)."""

    stream_id: int
    end_stream: bool
    dependency: Dependency | None
    block: bytearray
    frames: int = 0


class FieldsIn(Outbound):
    """A session that takes field blocks."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._gaps: list[range] = []
        """Identifiers the peer has skipped: closed without ever being used (RFC 9113 5.1.1)."""
        self._assembly: Assembly | None = None
        self._early_priorities: dict[int, priority.Urgency] = {}
        """PRIORITY_UPDATE for streams that are still idle (RFC 9218 7.1)."""

    def _append_block(self, part: bytes) -> Assembly:
        """Add a CONTINUATION payload; raises ENHANCE_YOUR_CALM when there are too many or too much."""
        assembly = self._assembly
        if assembly is None:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "CONTINUATION after nothing", "RFC 9113 6.10")
        assembly.block += part
        assembly.frames += 1
        if assembly.frames > MAX_CONTINUATIONS or len(assembly.block) > self.limits.field_block:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "CONTINUATION flood", "RFC 9113 10.5.1")
        return assembly

    def _on_block(
        self, stream_id: int, block: bytes, end_stream: bool, dependency: Dependency | None
    ) -> None:
        """A complete field block: a new request, a trailer section, or too late."""
        if stream_id > self.last_peer_id and stream_id & 1:
            self._on_request(stream_id, block, end_stream, dependency)
            return
        stream = self.streams.get(stream_id)
        fields = self._decoder.section(block)
        if stream is None or not stream_id & 1:
            self._on_misplaced(stream_id)
        else:
            self._on_trailers(stream, fields, end_stream)
        if dependency is not None:
            self._on_dependency(stream_id, dependency)

    def _on_request(
        self, stream_id: int, block: bytes, end_stream: bool, dependency: Dependency | None
    ) -> None:
        if stream_id > self.last_peer_id + 2:
            self._skip(stream_id)
        self.last_peer_id = stream_id
        try:
            head = self._decoder.request(block, self._check_request)
        except Malformed as error:
            if self._past_goaway(stream_id):
                return
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, error.reason, error.clause) from error
        if self.goaway_sent is not None and self._past_goaway(stream_id):
            return
        if dependency is not None:
            self._on_dependency(stream_id, dependency)
        self._open(stream_id, head, end_stream)

    def _open(self, stream_id: int, head: RequestHead, end_stream: bool) -> None:
        """A valid request opens its stream, unless there are too many (RFC 9113 5.1.2)."""
        if len(self.streams) - self._pushed_open >= self._offered[Setting.MAX_CONCURRENT_STREAMS]:
            raise StreamFault(stream_id, ErrorCode.REFUSED_STREAM, "too many streams", "RFC 9113 5.1.2")
        if end_stream and head.content_length:
            reason = "content-length without content"
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, reason, "RFC 9113 8.1.1")
        stream = Stream(
            stream_id,
            AFTER_WHOLE_REQUEST if end_stream else AFTER_REQUEST_HEAD,
            head,
            self.remote[Setting.INITIAL_WINDOW_SIZE],
            self.local[Setting.INITIAL_WINDOW_SIZE],
        )
        if head.priority is not None or self._early_priorities:
            self._prioritise(stream)
        self.streams[stream_id] = stream
        event = RequestReceived if head.size <= self.limits.field_section else RequestTooLarge
        self._events.append(event(stream_id, head, end_stream))

    def _prioritise(self, stream: Stream) -> None:
        """Apply PRIORITY_UPDATE that came before the request, else the priority field (RFC 9218 7)."""
        early = self._early_priorities.pop(stream.id, None)
        if early is None and stream.head.priority is not None:
            early = priority.parse_urgency(stream.head.priority)
        if early is not None:
            stream.urgency, stream.incremental = early.urgency, early.incremental

    def _check_request(self, fields: Fields) -> RequestHead:
        return request_head(fields, bool(self._offered[Setting.ENABLE_CONNECT_PROTOCOL]))

    def _past_goaway(self, stream_id: int) -> bool:
        """Whether our GOAWAY told the peer that this stream is not processed (RFC 9113 6.8)."""
        if self.goaway_sent is None or stream_id <= self.goaway_sent:
            return False
        self._budgets.spend(Cost.IGNORED)
        return True

    def _on_trailers(self, stream: Stream, fields: Fields, end_stream: bool) -> None:
        event = Input.RECV_HEADERS_END if end_stream else Input.RECV_HEADERS
        after = streams.receive(stream.state, event, stream.id)
        if not end_stream:
            reason = "a second field block without END_STREAM"
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, reason, "RFC 9113 8.1")
        if stream.head.method == b"CONNECT":
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, "HEADERS in a tunnel", "RFC 9113 8.5")
        try:
            trailers = trailer_fields(fields)
        except Malformed as error:
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, error.reason, error.clause) from error
        self._check_length(stream, end_stream=True)
        stream.state = after
        self._events.append(TrailersReceived(stream.id, trailers))
        if after is State.CLOSED:
            self._close(stream, ErrorCode.NO_ERROR)

    def _check_length(self, stream: Stream, end_stream: bool) -> None:
        """Content received so far against content-length (RFC 9113 8.1.1)."""
        expected = stream.head.content_length
        if expected is None:
            return
        if stream.received > expected or (end_stream and stream.received != expected):
            reason = f"content of {stream.received} octets, content-length {expected}"
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, reason, "RFC 9113 8.1.1")

    def _on_dependency(self, stream_id: int, dependency: Dependency) -> None:
        if dependency.depends_on == stream_id:
            reason = "a stream that depends on itself"
            if self.is_idle(stream_id):
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, reason, "RFC 7540 5.3.1")
            raise StreamFault(stream_id, ErrorCode.PROTOCOL_ERROR, reason, "RFC 7540 5.3.1")
        self._events.append(PriorityReceived(stream_id, dependency))

    def _skip(self, stream_id: int) -> None:
        """The idle streams below a new one are closed now (RFC 9113 5.1.1)."""
        self._gaps.append(range(self.last_peer_id + 2 if self.last_peer_id else 1, stream_id, 2))
        del self._gaps[:-_REMEMBERED_GAPS]

    def is_idle(self, stream_id: int) -> bool:
        """Whether neither side has used the stream yet."""
        return stream_id > (self.last_peer_id if stream_id & 1 else self.last_pushed_id)

    def _on_misplaced(self, stream_id: int) -> None:
        """HEADERS where no request can begin: an identifier of ours, skipped, or used before."""
        if not stream_id & 1:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "an even stream from a client", "RFC 9113 5.1.1")
        if any(stream_id in gap for gap in self._gaps):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a lower stream than before", "RFC 9113 5.1.1")
        self._absent(stream_id, Input.RECV_HEADERS)

    def _absent(self, stream_id: int, event: Input) -> None:
        """A frame on a stream that is idle or closed: raises the fault, or ignores what may still arrive."""
        if self.is_idle(stream_id):
            streams.receive(State.IDLE, event, stream_id)
            return
        self._budgets.spend(Cost.IGNORED)
        if stream_id & 1 and (self._was_reset(stream_id) or self._past_goaway(stream_id)):
            return
        streams.receive(State.CLOSED, event, stream_id)
