"""The error tree of the HTTP/2 core, and the error codes of RFC 9113 7.

    H2Error
    ├── PeerFault              the peer broke a rule; carries code, reason and clause
    │   ├── ConnectionFault    costs the session: GOAWAY, then close (RFC 9113 5.4.1)
    │   └── StreamFault        costs one stream: RST_STREAM (RFC 9113 5.4.2)
    └── ActionRefused          our own side asked for something illegal; nothing was sent
        ├── StreamGone         the stream is closed (or was reset by the peer)
        └── SessionGone        the session is over, or takes no new streams

Peer faults never leave `Connection.feed`: they become frames and events there.
"""

import enum


class ErrorCode(enum.IntEnum):
    """Error codes (RFC 9113 7). A peer may send any 32-bit number; unknown ones stay plain integers."""

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    INTERNAL_ERROR = 0x2
    FLOW_CONTROL_ERROR = 0x3
    SETTINGS_TIMEOUT = 0x4
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    CONNECT_ERROR = 0xA
    ENHANCE_YOUR_CALM = 0xB
    INADEQUATE_SECURITY = 0xC
    HTTP_1_1_REQUIRED = 0xD


def code_name(code: int) -> str:
    """The registered name of an error code, or its hexadecimal form when it has none."""
    try:
        return ErrorCode(code).name
    except ValueError:
        return f"{code:#x}"


class H2Error(Exception):
    """Anything that goes wrong in the core."""


class PeerFault(H2Error):  # noqa: N818 - a fault is what the RFC calls an error of the peer
    """The peer broke the rule in `clause`; `code` is what it will be told."""

    def __init__(self, code: ErrorCode, reason: str, clause: str) -> None:
        super().__init__(f"{reason} ({clause})")
        self.code = code
        self.reason = reason
        self.clause = clause


class ConnectionFault(PeerFault):
    """A connection error (RFC 9113 5.4.1)."""


class StreamFault(PeerFault):
    """A stream error (RFC 9113 5.4.2) on `stream_id`."""

    def __init__(self, stream_id: int, code: ErrorCode, reason: str, clause: str) -> None:
        super().__init__(code, reason, clause)
        self.stream_id = stream_id


class ActionRefused(H2Error):  # noqa: N818 - named for what happened
    """The caller asked for something that the protocol does not allow now."""


class StreamGone(ActionRefused):
    """The stream is closed: nothing more can be sent on it."""


class SessionGone(ActionRefused):
    """The session is over, or the peer takes no new streams."""
