"""`Upgrade: h2c`: from a request of HTTP/1.1 to stream 1 of a session (RFC 7540 3.2).

An offer that is not well made is no reason for an error: the request is answered over HTTP/1.1.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable

from services.http.app.message import Request
from services.http.reference.h2 import H2Error
from services.http.reference.h2 import settings as h2_settings
from services.http.reference.h2.headers import CONNECTION_FIELDS, RequestHead, request_head
from services.http.reference.http2 import Http2
from services.kit.journal import Connection

SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: h2c\r\n\r\n"
_OWN = CONNECTION_FIELDS | {b"host", b"http2-settings", b"te"}


class Upgrade:
    """Makes sessions of connections that ask for it."""

    def __init__(self, session: Callable[[], Http2]) -> None:
        self._session = session

    def __call__(
        self, transport: asyncio.Transport, connection: Connection, request: Request
    ) -> asyncio.Protocol | None:
        """Answers 101 and gives the session that has the connection now; None when nothing comes of it."""
        try:
            settings, head = client_settings(request), head_of(request)
        except (ValueError, H2Error):
            return None
        session = self._session()
        transport.write(SWITCHING)
        transport.set_write_buffer_limits()
        transport.set_protocol(session)
        session.upgraded(transport, connection, settings, head)
        return session


def client_settings(request: Request) -> bytes:
    """The SETTINGS payload in HTTP2-Settings (RFC 7540 3.2.1). Raises ValueError, H2Error."""
    values = request.values(b"http2-settings")
    options = (request.value(b"connection") or b"").lower().replace(b" ", b"").split(b",")
    if len(values) != 1 or b"http2-settings" not in options:
        raise ValueError("one HTTP2-Settings field, named by Connection, belongs to the offer")
    try:
        payload = base64.b64decode(values[0] + b"=" * (-len(values[0]) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("HTTP2-Settings is no base64url") from error
    if len(payload) % 6:
        raise ValueError("HTTP2-Settings is no payload of SETTINGS")
    for identifier, value in h2_settings.parse(payload):
        h2_settings.check(identifier, value)
    return payload


def head_of(request: Request) -> RequestHead:
    """The request's head as HTTP/2 has it. Raises H2Error."""
    fields = ((name.lower(), value) for name, value in request.fields)
    section = (
        (b":method", request.method.encode()),
        (b":scheme", request.scheme.encode()),
        (b":authority", request.authority.encode()),
        (b":path", request.target),
        *((name, value) for name, value in fields if name not in _OWN),
    )
    return request_head(section, extended_connect=False)
