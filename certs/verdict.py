"""What a verifier built on OpenSSL said of a certificate, in the words of the zoo's table."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from types import MappingProxyType

SAYS: Mapping[int, str] = MappingProxyType(
    {
        9: "the certificate is not yet valid",
        10: "the certificate has expired",
        18: "self-signed",
        19: "unknown authority",
        20: "unknown authority",
        21: "unknown authority",
        23: "revoked",
        24: "the issuer is no authority",
        25: "the path is too long",
        26: "not for servers",
        47: "a name that the issuer may not issue",
        62: "the name does not match",
        64: "the name does not match",
        66: "the key is too small",
        67: "the key is too small",
        68: "the signature is too weak",
        79: "the issuer is no authority",
    }
)
"""X509_V_ERR code (openssl-verification-options(1)) -> what it means."""


def says(error: ssl.SSLCertVerificationError) -> str:
    """Which check failed; OpenSSL's own words for a check that the zoo has no case of."""
    return SAYS.get(error.verify_code, error.verify_message)
