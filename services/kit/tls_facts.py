"""What a service tells of an established TLS connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.kit import openssl
from services.kit.tls_context import TLSObject


def facts(tls: TLSObject, group: int) -> Mapping[str, Any]:
    """What the journal and `/connections` say of an established TLS connection; `group` 0 is not known."""
    engine = openssl.inner(tls)
    cipher = engine.cipher()
    peer = tls.getpeercert()  # None unless the client was asked for one
    return {
        "protocol": engine.version(),
        "cipher": cipher[0] if cipher else None,
        "alpnProtocol": engine.selected_alpn_protocol(),
        "servername": tls.sni,
        "group": _group_called(tls, group),
        "resumed": engine.session_reused,
        "subject": peer.get("subject") if peer else None,
        "authorized": peer is not None,
        "authorizationError": None if peer else tls.stranger,
    }


def _group_called(tls: TLSObject, number: int) -> str | None:
    if openssl.unavailable():
        return None
    return openssl.group_at(tls, number) if number else openssl.group(tls)
