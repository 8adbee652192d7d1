"""What a server told of a session as a whole: it fills as frames come."""

from __future__ import annotations

from dataclasses import dataclass

from h2 import events
from hyperframe.frame import ExtensionFrame

from clients.http1.reply import Fields
from clients.http2.call import fields_of

_ORIGIN = 0xC


@dataclass(frozen=True, slots=True)
class Goaway:
    """A GOAWAY frame of the server."""

    code: int
    last_stream: int
    debug: bytes


@dataclass(frozen=True, slots=True)
class Promise:
    """A PUSH_PROMISE: the stream that will carry the response, and the request that it answers."""

    stream: int
    parent: int
    fields: Fields


class Heard:
    """`alternatives` are origin and value of ALTSVC frames, `pongs` the payloads of PINGs that came back."""

    def __init__(self) -> None:
        self.goaways: list[Goaway] = []
        self.promises: list[Promise] = []
        self.alternatives: list[tuple[bytes, bytes]] = []
        self.origins: list[bytes] = []
        self.pongs: set[bytes] = set()
        self.acknowledged = 0
        """How many SETTINGS of ours."""

    def take(self, event: events.Event) -> None:
        """Keeps what `event` tells of the session."""
        if isinstance(event, events.ConnectionTerminated):
            code, last = int(event.error_code or 0), event.last_stream_id or 0
            self.goaways.append(Goaway(code, last, event.additional_data or b""))
        elif isinstance(event, events.PingAckReceived):
            self.pongs.add(event.ping_data or b"")
        elif isinstance(event, events.SettingsAcknowledged):
            self.acknowledged += 1
        elif isinstance(event, events.AlternativeServiceAvailable):
            self.alternatives.append((event.origin or b"", event.field_value or b""))
        elif isinstance(event, events.UnknownFrameReceived):
            self._extension(event.frame)

    def promised(self, event: events.PushedStreamReceived) -> Promise:
        """Keeps a promise, and gives it."""
        fields = fields_of(event.headers)
        self.promises.append(Promise(event.pushed_stream_id or 0, event.parent_stream_id or 0, fields))
        return self.promises[-1]

    def _extension(self, frame: object) -> None:
        if isinstance(frame, ExtensionFrame) and frame.type == _ORIGIN:
            self.origins += entries(frame.body)


def entries(payload: bytes) -> list[bytes]:
    """The origins in an ORIGIN frame (RFC 8336 2)."""
    found = []
    while payload:
        size = int.from_bytes(payload[:2], "big")
        found.append(payload[2 : 2 + size])
        payload = payload[2 + size :]
    return found
