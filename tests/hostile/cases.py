"""Bad input for every role as data: what is sent, what answers it, and the event that tells of it.

The cases of each role's own folder go further; here every role is asked the same questions.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04\x00" + bytes(4)
JUNK = b"\xff\xfe\x00\x01junk\r\n\r\n"
LONG = b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a.test\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nHost: a.te"
POST = (
    b"POST /todos HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n"
    b"Content-Length: 9\r\nContent-Type: application/json\r\n\r\n{nonsense"
)
# RFC 9113 6.5: a SETTINGS frame of five octets, which no number of settings makes.
CUT_SETTINGS = PREFACE + b"\x00\x00\x05\x04\x00" + bytes(4) + bytes(5)
GOAWAY = rb".*\x07\x00\x00\x00\x00\x00"
# RFC 8446 6: an alert record that is fatal; RFC 9110 4.2.2 has HTTP, and nothing for it on a TLS port.
ALERT = rb"\x15\x03[\x00-\x04]\x00\x02\x02|HTTP/1\.[01] 400 |$"
HTTP1_TOO = "h2-beside-http1"


@dataclass(frozen=True, slots=True)
class Bad:
    """`octets` for `role`, inside TLS if `secure`, then FIN if `ends`.

    `answer` is the pattern that all that comes back must match from its start: an error of the protocol's
    own, or nothing where it knows none. `event` is what the journal of a reference service tells; `features`
    are what an answer takes beside the role's protocol.
    """

    role: str
    name: str
    octets: bytes
    answer: bytes
    event: str
    features: tuple[str, ...] = ()
    secure: bool = False
    ends: bool = False

    @property
    def id(self) -> str:
        """How tests call it."""
        return f"{self.role}: {self.name}"


def _status(*codes: int) -> bytes:
    return b"HTTP/1\\.[01] (%b) " % b"|".join(b"%d" % code for code in codes)


def _http(role: str, *features: str, secure: bool = False) -> tuple[Bad, ...]:
    post, too_long = POST % f"{role}.wireyard.test".encode(), ("syntax-request-line", *features)
    return (
        Bad(role, "junk", JUNK, _status(400), "clientError", features, secure),
        Bad(role, "a line without end", LONG, _status(414, 431), "clientError", too_long, secure),
        Bad(role, "JSON that is none", post, _status(400), "finish", ("todos", *features), secure),
    )


def _half(role: str, event: str, *features: str) -> Bad:
    return Bad(role, "half a request", HALF, _status(400) + b"|$", event, features, ends=True)


STREAMS = (
    *_http("http1"),
    *_http("https", secure=True),
    *_http("h2c", HTTP1_TOO),
    _half("http1", "clientError"),
    _half("h2c", "clientError", HTTP1_TOO),
    _half("proxy", "refused"),
    Bad("h2c", "a frame too short", CUT_SETTINGS, GOAWAY, "sessionError"),
    Bad("h2", "a frame too short", CUT_SETTINGS, GOAWAY, "sessionError", secure=True),
    Bad("https", "junk for a handshake", JUNK, ALERT, "tlsClientError"),
    Bad("h2", "junk for a handshake", JUNK, ALERT, "tlsClientError"),
    Bad("tcp-echo", "junk", JUNK, b"\xff\xfe\x00\x01junk\r\n\r\n$", "end", ends=True),
    Bad("proxy", "junk", JUNK, _status(400, 501), "refused"),
    Bad("proxy", "a line without end", LONG, _status(414, 431), "refused", ("long-head",)),
    Bad("dns", "a message too short", struct.pack("!H", 3) + b"abc", b"$", "query", ends=True),
)

# One datagram: RFC 862 wants it back as it is, RFC 1035 4.1.1 knows FORMERR.
FORMERR = rb"zz[\x80-\xff][\x01\x81\x11]"
UNREADABLE = b"zz\x00\x00\x00\x01" + bytes(6) + b"\xff" * 40
DATAGRAMS = (
    Bad("udp-echo", "junk", JUNK, b"\xff\xfe\x00\x01junk\r\n\r\n$", "message"),
    Bad("dns", "junk behind a header", UNREADABLE, FORMERR, "answer", ("strict",)),
)
