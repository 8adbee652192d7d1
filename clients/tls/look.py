"""One look at a TLS server: the handshake, and its verdict in words a person can act on."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from certs.verdict import says
from clients.tls.sent import chain_sent


@dataclass(frozen=True)
class Target:
    """Where to connect, and whom to expect there; `within` bounds each wait, in seconds."""

    address: str
    port: int
    name: str
    within: float = 5.0


@dataclass(frozen=True)
class Look:
    """What came of it. `blamed` is the certificate that a check failed on, when one did."""

    accepted: bool
    verdict: str
    agreed: dict[str, str] = field(default_factory=dict)
    sent: tuple[x509.Certificate, ...] = ()
    blamed: x509.Certificate | None = None


def strict_context(ca: Path, *alpn: str) -> ssl.SSLContext:
    """As strict as Python gets: RFC 5280's profile on every certificate, names from subjectAltName alone."""
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False
    context.set_ciphers("DEFAULT:@SECLEVEL=2")
    context.set_alpn_protocols(list(alpn) or ["h2", "http/1.1"])
    return context


def look_at(target: Target, ca: Path, context: ssl.SSLContext | None = None) -> Look:
    """Shake hands once; every failure becomes a verdict, nothing is raised but for want of memory."""
    try:
        sock = socket.create_connection((target.address, target.port), timeout=target.within)
    except OSError as error:
        return Look(accepted=False, verdict=f"no connection: {error}")
    try:
        with (context or strict_context(ca)).wrap_socket(sock, server_hostname=target.name) as tls:
            return Look(accepted=True, verdict="accepted", agreed=_agreed(tls), sent=_sent(target))
    except ssl.SSLCertVerificationError as error:
        sent = _sent(target)
        return Look(False, f"refused: {says(error)}", sent=sent, blamed=_blamed(error, sent))
    except ssl.SSLError as error:
        return Look(accepted=False, verdict=f"failed: {_words(error)}")
    except OSError as error:
        return Look(accepted=False, verdict=f"failed: {error.strerror or error}")


def _words(error: ssl.SSLError) -> str:
    text = str(error.args[-1] if error.args else error)
    return text.partition("] ")[2].rpartition(" (_ssl")[0] or text


def _agreed(tls: ssl.SSLSocket) -> dict[str, str]:
    cipher = tls.cipher()
    return {
        "protocol": tls.version() or "",
        "cipher": cipher[0] if cipher else "",
        "alpn": tls.selected_alpn_protocol() or "none",
        "resumed": "yes" if tls.session_reused else "no",
    }


def _sent(target: Target) -> tuple[x509.Certificate, ...]:
    try:
        return chain_sent(target.address, target.port, target.name, target.within)
    except (OSError, ValueError):
        return ()


_ABOVE = frozenset({19, 20, 24, 25, 79})
"""X509_V_ERR codes that are about an issuer, hence about the last certificate that was sent."""


def _blamed(
    error: ssl.SSLCertVerificationError, sent: tuple[x509.Certificate, ...]
) -> x509.Certificate | None:
    if not sent:
        return None
    return sent[-1] if error.verify_code in _ABOVE else sent[0]
