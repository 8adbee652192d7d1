"""What `Connection.feed` and its actions report: frozen records, in the order things happened."""

from dataclasses import dataclass

from .headers import Fields, RequestHead
from .priority import Dependency, Urgency


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """A valid request head; `end_stream` when nothing follows it."""

    stream_id: int
    head: RequestHead
    end_stream: bool


@dataclass(frozen=True, slots=True)
class RequestTooLarge:
    """A request whose field section is larger than we said we take (RFC 9113 10.5.1): answer 431."""

    stream_id: int
    head: RequestHead
    end_stream: bool


@dataclass(frozen=True, slots=True)
class DataReceived:
    """Request content; `flow` octets (padding included) are to be given back with `consumed`."""

    stream_id: int
    data: bytes
    end_stream: bool
    flow: int


@dataclass(frozen=True, slots=True)
class TrailersReceived:
    """The request's trailer section; the request is complete."""

    stream_id: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class ResponseSent:
    """END_STREAM of a response that had to wait for window is on its way."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class StreamClosed:
    """A stream has closed: `code` is NO_ERROR after END_STREAM both ways, else that of RST_STREAM.

    `by_peer` tells whose RST_STREAM it was; `reason` says why we sent ours.
    """

    stream_id: int
    code: int
    by_peer: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SettingsReceived:
    """The peer's settings, in order, already applied and acknowledged."""

    changes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SettingsAcknowledged:
    """The peer has applied these settings of ours."""

    changes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PingReceived:
    """A PING that has been answered."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PingAcknowledged:
    """The answer to our PING."""

    data: bytes


@dataclass(frozen=True, slots=True)
class GoawayReceived:
    """The peer starts no new work; streams above `last_stream_id` were not processed there."""

    last_stream_id: int
    code: int
    debug: bytes


@dataclass(frozen=True, slots=True)
class PriorityReceived:
    """A priority signal of RFC 7540, with PRIORITY or HEADERS."""

    stream_id: int
    dependency: Dependency


@dataclass(frozen=True, slots=True)
class PriorityUpdated:
    """PRIORITY_UPDATE (RFC 9218 7.1)."""

    stream_id: int
    value: bytes
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """The peer broke the session; GOAWAY with `code` is queued, and the connection is to be closed."""

    code: int
    reason: str
    clause: str


@dataclass(frozen=True, slots=True)
class FrameSeen:
    """A frame as it crossed the wire, when tracing is on; `sent` by us or received."""

    sent: bool
    kind: int
    flags: int
    stream_id: int
    length: int


Event = (
    RequestReceived
    | RequestTooLarge
    | DataReceived
    | TrailersReceived
    | ResponseSent
    | StreamClosed
    | SettingsReceived
    | SettingsAcknowledged
    | PingReceived
    | PingAcknowledged
    | GoawayReceived
    | PriorityReceived
    | PriorityUpdated
    | SessionFailed
    | FrameSeen
)
