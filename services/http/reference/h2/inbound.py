"""What a peer may send, and what it means: a handler for every frame type (RFC 9113 6).

Handlers take flags, stream identifier and payload of one whole frame whose layout has been checked.
They raise ConnectionFault or StreamFault, which `Connection` turns into GOAWAY or RST_STREAM.
"""

from collections.abc import Callable, Mapping

from . import flow, frames, settings, streams
from .errors import ConnectionFault, ErrorCode, StreamFault
from .events import (
    DataReceived,
    GoawayReceived,
    PingAcknowledged,
    PingReceived,
    PriorityUpdated,
    SettingsAcknowledged,
    SettingsReceived,
)
from .fields_in import Assembly, FieldsIn
from .frames import ACK, END_HEADERS, END_STREAM, PADDED, PRIORITY, FrameType
from .limits import SMALL_DATA_SIZE, Cost
from .priority import Dependency, parse_dependency, parse_urgency
from .session import MAX_SENT_FRAME
from .settings import Setting
from .streams import Input, State, Stream

_EARLY_PRIORITIES = 128
_UPDATES_PER_DATA_FRAME = 4


class Inbound(FieldsIn):
    """A session that takes frames."""

    # Requests

    def on_headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        """HEADERS (RFC 9113 6.2)."""
        dependency: Dependency | None = None
        if flags & (PADDED | PRIORITY):
            payload, dependency = _stripped(flags, payload)
        if flags & END_HEADERS:
            self._on_block(stream_id, payload, bool(flags & END_STREAM), dependency)
        else:
            self._assembly = Assembly(stream_id, bool(flags & END_STREAM), dependency, bytearray(payload))

    def on_continuation(self, flags: int, _stream_id: int, payload: bytes) -> None:
        """CONTINUATION (RFC 9113 6.10); `Connection` has checked that it belongs here."""
        assembly = self._append_block(payload)
        if flags & END_HEADERS:
            self._assembly = None
            block = bytes(assembly.block)
            self._on_block(assembly.stream_id, block, assembly.end_stream, assembly.dependency)

    def on_data(self, flags: int, stream_id: int, payload: bytes) -> None:
        """DATA (RFC 9113 6.1): counts against both windows, padding included, whatever becomes of it."""
        size = len(payload)
        self.inflow = flow.spent(self.inflow, size, 0)
        stream = self.streams.get(stream_id)
        try:
            if stream is None:
                self._absent(stream_id, Input.RECV_DATA)
                self._give_back(size)
            else:
                self._on_content(stream, flags, payload)
        except StreamFault:
            self._give_back(size)
            raise

    def _on_content(self, stream: Stream, flags: int, payload: bytes) -> None:
        end_stream = bool(flags & END_STREAM)
        event = Input.RECV_DATA_END if end_stream else Input.RECV_DATA
        after = streams.receive(stream.state, event, stream.id)
        size = len(payload)
        stream.inflow = flow.spent(stream.inflow, size, stream.id)
        data = frames.unpad(payload, "RFC 9113 6.1") if flags & PADDED else payload
        if not end_stream and len(data) < SMALL_DATA_SIZE:
            self._budgets.spend(Cost.SMALL_DATA if data else Cost.EMPTY_DATA)
        stream.received += len(data)
        self._check_length(stream, end_stream)
        stream.state = after
        self._events.append(DataReceived(stream.id, data, end_stream, size))
        if after is State.CLOSED:
            self._close(stream, ErrorCode.NO_ERROR)

    def on_rst_stream(self, _flags: int, stream_id: int, payload: bytes) -> None:
        """RST_STREAM (RFC 9113 6.4)."""
        self._budgets.spend(Cost.RESET)
        stream = self.streams.get(stream_id)
        if stream is None:
            self._absent(stream_id, Input.RECV_RST_STREAM)
            return
        streams.receive(stream.state, Input.RECV_RST_STREAM, stream_id)
        self._close(stream, int.from_bytes(payload, "big"), by_peer=True)

    def on_push_promise(self, _flags: int, _stream_id: int, _payload: bytes) -> None:
        """PUSH_PROMISE: a client cannot push (RFC 9113 8.4)."""
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE from a client", "RFC 9113 8.4")

    # Flow control

    def on_window_update(self, _flags: int, stream_id: int, payload: bytes) -> None:
        """WINDOW_UPDATE (RFC 9113 6.9)."""
        self._updates += 1
        if self._updates > self._data_frames * _UPDATES_PER_DATA_FRAME:
            self._budgets.spend(Cost.WINDOW_UPDATE)
        increment = int.from_bytes(payload, "big") & flow.MAX_WINDOW
        if stream_id == 0:
            self.send_window = flow.grown(self.send_window, increment, 0)
            return
        stream = self.streams.get(stream_id)
        if stream is None:
            self._absent(stream_id, Input.RECV_WINDOW_UPDATE)
            return
        streams.receive(stream.state, Input.RECV_WINDOW_UPDATE, stream_id)
        stream.send_window = flow.grown(stream.send_window, increment, stream_id)
        if stream.pending is not None:
            self._offer(stream)

    # Settings

    def on_settings(self, flags: int, _stream_id: int, payload: bytes) -> None:
        """SETTINGS (RFC 9113 6.5): applied in order and acknowledged at once."""
        if flags & ACK:
            self._on_settings_ack(payload)
            return
        self._budgets.spend(Cost.SETTINGS)
        self.apply_settings(payload)
        self._out.append(frames.SETTINGS_ACK)

    def apply_settings(self, payload: bytes) -> None:
        """Let the peer's settings hold from now on; raises ConnectionFault for one out of range."""
        changes = tuple(settings.parse(payload))
        for identifier, value in changes:
            settings.check(identifier, value)
            if identifier == Setting.INITIAL_WINDOW_SIZE:
                self._shift_windows(value - self.remote[Setting.INITIAL_WINDOW_SIZE])
            if identifier in self.remote:
                self.remote[identifier] = value
        self._frame_size = min(self.remote[Setting.MAX_FRAME_SIZE], MAX_SENT_FRAME)
        self._events.append(SettingsReceived(changes))

    def _shift_windows(self, change: int) -> None:
        for stream in self.streams.values():
            stream.send_window = flow.shifted(stream.send_window, change)
        self._offer_all(self.streams.values())

    def _on_settings_ack(self, payload: bytes) -> None:
        if payload:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS ACK with a payload", "RFC 9113 6.5")
        if not self._unacknowledged:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "SETTINGS ACK for nothing", "RFC 9113 6.5.3")
        changes = self._unacknowledged.pop(0)
        for identifier, value in changes:
            if identifier == Setting.INITIAL_WINDOW_SIZE:
                growth = value - self.local[Setting.INITIAL_WINDOW_SIZE]
                for stream in self.streams.values():
                    stream.inflow += growth
            if identifier == Setting.HEADER_TABLE_SIZE:
                self._decoder.allow_table_size(value)
            self.local[identifier] = value
        self._events.append(SettingsAcknowledged(changes))

    # The session

    def on_ping(self, flags: int, _stream_id: int, payload: bytes) -> None:
        """PING (RFC 9113 6.7): answered with the same octets."""
        if flags & ACK:
            self._events.append(PingAcknowledged(payload))
            self._ping_returned(payload)
            return
        self._budgets.spend(Cost.PING)
        self._out.append(frames.ping(payload, ack=True))
        self._events.append(PingReceived(payload))

    def on_goaway(self, _flags: int, _stream_id: int, payload: bytes) -> None:
        """GOAWAY (RFC 9113 6.8): no more promises; what is open goes on."""
        last = int.from_bytes(payload[:4], "big") & frames.MAX_STREAM_ID
        if self.goaway_received is not None and last > self.goaway_received:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "GOAWAY naming a higher stream", "RFC 9113 6.8")
        self._budgets.spend(Cost.SETTINGS)
        self.goaway_received = last
        self._events.append(GoawayReceived(last, int.from_bytes(payload[4:8], "big"), payload[8:]))

    # Priority

    def on_priority(self, _flags: int, stream_id: int, payload: bytes) -> None:
        """PRIORITY (RFC 9113 6.3): legal in every state, reported, and otherwise without effect."""
        self._budgets.spend(Cost.PRIORITY)
        self._on_dependency(stream_id, parse_dependency(payload))

    def on_priority_update(self, _flags: int, _stream_id: int, payload: bytes) -> None:
        """PRIORITY_UPDATE (RFC 9218 7.1), also for a stream that is still idle."""
        self._budgets.spend(Cost.PRIORITY)
        stream_id = int.from_bytes(payload[:4], "big") & frames.MAX_STREAM_ID
        if stream_id == 0 or (not stream_id & 1 and self.is_idle(stream_id)):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, f"priority of stream {stream_id}", "RFC 9218 7.1")
        urgency = parse_urgency(payload[4:])
        stream = self.streams.get(stream_id)
        if stream is not None:
            stream.urgency, stream.incremental = urgency.urgency, urgency.incremental
        elif self.is_idle(stream_id) and len(self._early_priorities) < _EARLY_PRIORITIES:
            self._early_priorities[stream_id] = urgency
        self._events.append(PriorityUpdated(stream_id, payload[4:], urgency))


def _stripped(flags: int, payload: bytes) -> tuple[bytes, Dependency | None]:
    """A HEADERS payload without padding and priority (RFC 9113 6.2)."""
    if flags & PADDED:
        payload = frames.unpad(payload, "RFC 9113 6.2")
    if not flags & PRIORITY:
        return payload, None
    if len(payload) < 5:
        raise ConnectionFault(
            ErrorCode.FRAME_SIZE_ERROR, "HEADERS too short for its priority", "RFC 9113 6.2"
        )
    return payload[5:], parse_dependency(payload)


Handler = Callable[[Inbound, int, int, bytes], None]

HANDLERS: Mapping[int, Handler] = {
    FrameType.DATA: Inbound.on_data,
    FrameType.HEADERS: Inbound.on_headers,
    FrameType.PRIORITY: Inbound.on_priority,
    FrameType.RST_STREAM: Inbound.on_rst_stream,
    FrameType.SETTINGS: Inbound.on_settings,
    FrameType.PUSH_PROMISE: Inbound.on_push_promise,
    FrameType.PING: Inbound.on_ping,
    FrameType.GOAWAY: Inbound.on_goaway,
    FrameType.WINDOW_UPDATE: Inbound.on_window_update,
    FrameType.CONTINUATION: Inbound.on_continuation,
    FrameType.PRIORITY_UPDATE: Inbound.on_priority_update,
}
"""One handler for every row of `frames.LAYOUTS`."""
