"""TLS alerts in words: what a failed handshake or a bad record was, and which alert crossed the wire.

OpenSSL puts an alert on the wire by itself and tells Python only its own reason code. `SENT` holds, for
each reason that a server meets, the alert that RFC 8446 6.2 (and RFC 7301 3.2, RFC 6066 3) asks for and that
OpenSSL sends with it; the kit's tests hold the table against the wire.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass

ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
"""RFC 8446, 6: every alert that TLS 1.2 or 1.3 still sends."""

SENT = {
    "NO_SHARED_CIPHER": 40,
    "NO_SUITABLE_KEY_SHARE": 40,
    "NO_SUITABLE_SIGNATURE_ALGORITHM": 40,
    "NO_SHARED_SIGNATURE_ALGORITHMS": 40,
    "UNSUPPORTED_PROTOCOL": 70,
    "WRONG_VERSION_NUMBER": 70,
    "VERSION_TOO_LOW": 70,
    "INAPPROPRIATE_FALLBACK": 86,
    "NO_APPLICATION_PROTOCOL": 120,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": 116,
    "UNEXPECTED_MESSAGE": 10,
    "UNEXPECTED_RECORD": 10,
    "BAD_RECORD_TYPE": 10,
    "APPLICATION_DATA_AFTER_CLOSE_NOTIFY": 10,
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": 20,
    "BAD_RECORD_MAC": 20,
    "DATA_LENGTH_TOO_LONG": 22,
    "ENCRYPTED_LENGTH_TOO_LONG": 22,
    "PACKET_LENGTH_TOO_LONG": 22,
    "LENGTH_MISMATCH": 50,
    "LENGTH_TOO_SHORT": 50,
    "BAD_EXTENSION": 50,
    "BAD_PACKET": 50,
    "BAD_DIGEST_LENGTH": 51,
    "DIGEST_CHECK_FAILED": 51,
    "BAD_SIGNATURE": 51,
    "BAD_KEY_SHARE": 47,
    "BAD_ECPOINT": 47,
    "MISSING_SUPPORTED_GROUPS_EXTENSION": 109,
    "MISSING_SIGALGS_EXTENSION": 109,
}
"""OpenSSL's reason -> the alert that a server sends with it."""

VERIFICATION = {
    9: 42,  # certificate is not yet valid
    10: 45,  # certificate has expired
    18: 48,  # self-signed certificate
    19: 48,  # self-signed certificate in certificate chain
    20: 48,  # unable to get local issuer certificate
    21: 48,  # unable to verify the first certificate
    23: 44,  # certificate revoked
    24: 48,  # invalid CA certificate
    26: 43,  # unsuitable certificate purpose
}
"""X509_V_ERR code of a refused client certificate -> the alert that OpenSSL sends with it (RFC 8446, 6.2)."""

_RECEIVED = re.compile(r"(?:sslv3|tlsv1|tlsv13) alert (?P<alert>[\w ]+)")
_MESSAGE = re.compile(r"\[SSL[^]]*\] (?P<words>.*?)(?: \(_ssl\.c:\d+\))?")


@dataclass(frozen=True, slots=True)
class Failure:
    """A handshake or a record that failed: OpenSSL's reason, in words, and the alert either way."""

    reason: str
    words: str
    sent: str | None = None
    received: str | None = None

    def as_data(self) -> dict[str, object]:
        """What the journal keeps of it."""
        return {
            "reason": self.words,
            "code": self.reason,
            "alertSent": self.sent,
            "alertReceived": self.received,
        }


def explain(error: Exception) -> Failure:
    """A TLS error of the standard library as a Failure; connection errors carry no alert."""
    if isinstance(error, ssl.SSLCertVerificationError):
        sent = ALERTS[VERIFICATION.get(error.verify_code, 46)]
        return Failure("CERTIFICATE_VERIFY_FAILED", f"client certificate: {error.verify_message}", sent=sent)
    if isinstance(error, ssl.SSLEOFError):
        return Failure("EOF", "the peer closed without a close_notify")
    if not isinstance(error, ssl.SSLError):
        return Failure(type(error).__name__, str(error) or type(error).__name__)
    words = _words(error)
    if found := _RECEIVED.fullmatch(words):
        alert = found["alert"].replace(" ", "_")
        return Failure(words.upper().replace(" ", "_"), f"the peer sent the alert {alert}", received=alert)
    reason = error.reason or words.upper().replace(" ", "_")
    return Failure(reason, words, sent=ALERTS.get(SENT.get(reason, -1)))


def _words(error: ssl.SSLError) -> str:
    """OpenSSL's reason as it words it; `error.reason` lacks those that are younger than Python's table."""
    found = _MESSAGE.fullmatch(str(error.args[-1] if error.args else error))
    return found["words"] if found else (error.reason or "unknown").lower().replace("_", " ")


def refusal(number: int) -> Failure:
    """A handshake that our own choice of name or protocol ended with this alert."""
    why = {112: "the client asked for a name that is not ours", 120: "the client offers no protocol of ours"}
    return Failure(ALERTS[number].upper(), why.get(number, ALERTS[number]), sent=ALERTS[number])


def record(number: int) -> bytes:
    """A fatal alert as a plaintext record (RFC 8446, 5.1 and 6): for peers whose first bytes are not TLS."""
    return bytes((21, 3, 3, 0, 2, 2, number))
