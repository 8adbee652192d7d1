"""Server contexts with defaults that an auditor likes, and one context for each name that is asked for.

RFC 9325 4.2 (suites), 3.1.1 (versions), 3.5 (renegotiation), 3.3 (compression).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from services.kit.tls_hello import parse

SUITES_1_2 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
"""Forward secrecy and AEAD, each of them (RFC 9325, 4.2)."""
UNRECOGNIZED_NAME, NO_APPLICATION_PROTOCOL = 112, 120
"""The alerts of RFC 6066 3 and RFC 7301 3.2."""

Select = Callable[[str], ssl.SSLContext | None]
"""From a server name to its context; None for a name that is not ours."""


class TLSObject(ssl.SSLObject):
    """The server's end of one TLS connection, which remembers what its client asked for."""

    sni: str | None = None
    hello: bytes = b""
    refusal: int | None = None
    """The alert with which the choice of a name or of a protocol ended the handshake."""


def server_context(certificate: Path, key: Path, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    """A context for one certificate. Raises OSError when the files cannot be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = TLSObject
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join(SUITES_1_2))
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 1
    context.load_cert_chain(certificate, key)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    context.sni_callback = _Names(lambda _name: context, alpn)
    return context


def serve_names(context: ssl.SSLContext, select: Select, alpn: tuple[str, ...]) -> None:
    """Let `select` choose the context by the name that the client asks for (RFC 6066, 3)."""
    context.sni_callback = _Names(select, alpn)


class _Names:
    """Called by OpenSSL in the middle of the ClientHello; what it returns is an alert, or None to go on."""

    def __init__(self, select: Select, alpn: tuple[str, ...]) -> None:
        self._select = select
        self._wire = tuple(bytes((len(name),)) + name.encode() for name in alpn)

    def __call__(self, tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> int | None:
        if not isinstance(tls, TLSObject):
            return None
        tls.sni = name
        tls.refusal = self._choose(tls, name)
        return tls.refusal

    def _choose(self, tls: TLSObject, name: str | None) -> int | None:
        if self._wire and not self._offered(tls.hello):
            return NO_APPLICATION_PROTOCOL
        if name is None:
            return None
        chosen = self._select(name)
        if chosen is None:
            return UNRECOGNIZED_NAME
        if chosen is not tls.context:
            tls.context = chosen
        return None

    def _offered(self, hello: bytes) -> bool:
        """Whether the client offers a protocol of ours, or has no wish: Python's OpenSSL does not care."""
        if any(name in hello for name in self._wire):
            return True
        try:
            return not parse(hello).alpn
        except ValueError:
            return True  # not for us to judge: OpenSSL reads it next
