"""One look at a TLS server: the handshake, and its verdict in words a person can act on."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from certs.verdict import says
from clients.tls import status
from clients.tls.sent import Sent, sent_by


@dataclass(frozen=True)
class Target:
    """Where to connect, and whom to expect there; `within` bounds each wait, in seconds."""

    address: str
    port: int
    name: str
    within: float = 5.0


@dataclass(frozen=True)
class Look:
    """What came of it. `blamed` is the certificate that a check failed on, when one did.

    `staple` says what the server stapled, in words; empty when it stapled nothing.
    """

    accepted: bool
    verdict: str
    agreed: dict[str, str] = field(default_factory=dict)
    sent: tuple[x509.Certificate, ...] = ()
    blamed: x509.Certificate | None = None
    staple: str = ""


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
            return _judged(tls, _sent(target), ca)
    except ssl.SSLCertVerificationError as error:
        chain = _sent(target).chain
        return Look(False, f"refused: {says(error)}", sent=chain, blamed=_blamed(error, chain))
    except ssl.SSLError as error:
        return Look(accepted=False, verdict=f"failed: {_words(error)}")
    except OSError as error:
        return Look(accepted=False, verdict=f"failed: {error.strerror or error}")


def _judged(tls: ssl.SSLSocket, sent: Sent, ca: Path) -> Look:
    """OpenSSL is content; what it never looked at is the status of the leaf (RFC 6066 8, RFC 5280 6.3)."""
    leaf = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
    if sent.chain[:1] != (leaf,):
        sent = Sent((leaf,))  # in TLS 1.2 it shows nothing, or another certificate
    found = status.judge(sent, status.lists(ca.parent), datetime.now(UTC))
    verdict = f"refused: {found.fault}" if found.fault else "accepted"
    blamed = leaf if found.fault else None
    return Look(not found.fault, verdict, _agreed(tls), sent.chain, blamed, found.staple)


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


def _sent(target: Target) -> Sent:
    try:
        return sent_by(target.address, target.port, target.name, target.within)
    except (OSError, ValueError):
        return Sent()


_ABOVE = frozenset({19, 20, 24, 25, 79})
"""X509_V_ERR codes that are about an issuer, hence about the last certificate that was sent."""


def _blamed(
    error: ssl.SSLCertVerificationError, sent: tuple[x509.Certificate, ...]
) -> x509.Certificate | None:
    if not sent:
        return None
    return sent[-1] if error.verify_code in _ABOVE else sent[0]
