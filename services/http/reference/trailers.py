"""What may stand in a request's trailer section, for HTTP/1.1 and HTTP/2 alike."""

from __future__ import annotations

_FRAMING_AND_ROUTING = b"connection content-length host te trailer transfer-encoding upgrade"
_CONTROL_AND_CONTENT = b"content-encoding content-range content-type expect"
_CREDENTIALS = b"authorization cookie set-cookie"

NOT_IN_TRAILERS = frozenset(b" ".join((_FRAMING_AND_ROUTING, _CONTROL_AND_CONTENT, _CREDENTIALS)).split())
"""What frames, routes or controls a message has no place behind it (RFC 9110 6.5.1); in lower case."""
