"""A sans-I/O HTTP/2 server core: RFC 9113, RFC 7541, with RFC 7540 3.2, 7838, 8336, 8441 and 9218.

Read `streams` for the state table, `frames`, `settings` and `headers` for what may be on the wire, `limits`
for what a peer may cost, and `connection` for the way in. It imports no asyncio, no socket and no clock.
"""

from .connection import Connection
from .errors import ActionRefused, ErrorCode, H2Error, SessionGone, StreamGone
from .limits import Limits

__all__ = ["ActionRefused", "Connection", "ErrorCode", "H2Error", "Limits", "SessionGone", "StreamGone"]
