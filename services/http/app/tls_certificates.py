"""Certificates in words, as Node's getPeerCertificate shows them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding


@lru_cache(maxsize=64)
def chain(pem: bytes) -> list[dict[str, Any]]:
    """Certificates in PEM, leaf first."""
    return [_describe(one) for one in x509.load_pem_x509_certificates(pem)]


def certificate(der: bytes) -> dict[str, Any]:
    """One certificate."""
    return _describe(x509.load_der_x509_certificate(der))


def _describe(found: x509.Certificate) -> dict[str, Any]:
    try:
        alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        shown = [f"{type(name).__name__.removesuffix('Name')}:{name.value}" for name in alternative]
    except x509.ExtensionNotFound:
        shown = []
    return {
        "subject": found.subject.rfc4514_string(),
        "issuer": found.issuer.rfc4514_string(),
        "subjectaltname": ", ".join(shown[:20]) + (f" and {len(shown) - 20} more" if len(shown) > 20 else ""),
        "valid_from": found.not_valid_before_utc.isoformat(),
        "valid_to": found.not_valid_after_utc.isoformat(),
        "serialNumber": f"{found.serial_number:X}",
        "fingerprint256": found.fingerprint(hashes.SHA256()).hex(":").upper(),
        "pem": found.public_bytes(Encoding.PEM).decode(),
    }
