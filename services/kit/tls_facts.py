"""What a service tells of an established TLS connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.kit import openssl
from services.kit.tls_context import TLSObject

_agreed: dict[bytes, tuple[str | None, str | None, str | None]] = {}
"""Choice -> protocol, suite and group, as OpenSSL calls them: no more than it has of both."""


def facts(tls: TLSObject, choice: bytes) -> Mapping[str, Any]:
    """What the journal and `/connections` say; `choice` is of our hello (`tls_hello.choice`), if it tells."""
    protocol, cipher, group = _agreed.get(choice) or _ask(tls, choice)
    engine = openssl.inner(tls)
    peer = tls.getpeercert()  # None unless the client was asked for one
    return {
        "protocol": protocol,
        "cipher": cipher,
        "alpnProtocol": engine.selected_alpn_protocol(),
        "servername": tls.sni,
        "group": group,
        "resumed": engine.session_reused,
        "subject": peer.get("subject") if peer else None,
        "authorized": peer is not None,
        "authorizationError": None if peer else tls.stranger,
    }


def _ask(tls: TLSObject, choice: bytes) -> tuple[str | None, str | None, str | None]:
    cipher = tls.cipher()
    group = None if openssl.unavailable() else openssl.group(tls)
    told = tls.version(), cipher[0] if cipher else None, group
    if choice:
        _agreed[choice] = told
    return told
