"""Flow control (RFC 9113 5.2 and 6.9): windows are plain integers, the rules are here."""

from .errors import ConnectionFault, ErrorCode, PeerFault, StreamFault

MAX_WINDOW = 2**31 - 1
INITIAL_WINDOW = 65_535

_CLAUSE = "RFC 9113 6.9.1"


def fault(stream_id: int, code: ErrorCode, reason: str, clause: str = _CLAUSE) -> PeerFault:
    """A fault of the stream, or of the connection when `stream_id` is 0."""
    if stream_id == 0:
        return ConnectionFault(code, reason, clause)
    return StreamFault(stream_id, code, reason, clause)


def grown(window: int, increment: int, stream_id: int) -> int:
    """A send window after WINDOW_UPDATE.

    Raises PROTOCOL_ERROR for an increment of 0 (RFC 9113 6.9), FLOW_CONTROL_ERROR past 2^31-1.
    """
    if increment == 0:
        raise fault(stream_id, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0", "RFC 9113 6.9")
    if window + increment > MAX_WINDOW:
        raise fault(stream_id, ErrorCode.FLOW_CONTROL_ERROR, "window past 2^31-1")
    return window + increment


def shifted(window: int, change: int) -> int:
    """A stream's send window after the peer has changed SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 6.9.2)."""
    if window + change > MAX_WINDOW:
        raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "window past 2^31-1", "RFC 9113 6.9.2")
    return window + change


def spent(window: int, size: int, stream_id: int) -> int:
    """A receive window after `size` octets of DATA, padding included; raises FLOW_CONTROL_ERROR past it."""
    if size > window:
        raise fault(stream_id, ErrorCode.FLOW_CONTROL_ERROR, f"{size} octets into a window of {window}")
    return window - size
