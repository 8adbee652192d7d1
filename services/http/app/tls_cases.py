"""Protocol cases by name: `CASE.https.wireyard.test` shakes hands in just the way that its row says.

The certificate is the service's own good one (it holds a wildcard for these); what differs is the protocol.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@dataclass(frozen=True, slots=True)
class Case:
    """One row. What is None or empty is as everywhere else."""

    name: str
    shows: str
    clause: str
    oldest: ssl.TLSVersion | None = None
    newest: ssl.TLSVersion | None = None
    suites: str = ""
    """The one suite, by OpenSSL's name in TLS 1.2 and by IANA's in TLS 1.3."""
    groups: str = ""
    alpn: tuple[str, ...] = ()
    client: ssl.VerifyMode | None = None
    """Whether a client certificate is asked for, or demanded."""
    tickets: int | None = None
    conduct: str = ""
    """Misbehaviour on purpose, by a word of the implementation's."""


def _v12(name: str, suite: str) -> Case:
    return Case(name, f"TLS 1.2 with {suite} alone", "RFC 5289 3", oldest=V12, newest=V12, suites=suite)


def _v13(name: str, suite: str) -> Case:
    return Case(name, f"TLS 1.3 with {suite} alone", "RFC 8446 B.4", oldest=V13, suites=suite)


def _group(name: str, group: str, clause: str = "RFC 8446 4.2.7") -> Case:
    return Case(f"group-{name}", f"key exchange in {group} alone", clause, groups=group)


CASES: tuple[Case, ...] = (
    Case("tls12", "TLS 1.2 and nothing newer", "RFC 5246 E.1", oldest=V12, newest=V12),
    Case("tls13", "TLS 1.3 and nothing older: others get protocol_version", "RFC 8446 4.2.1", oldest=V13),
    _v12("tls12-aes128", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    _v12("tls12-aes256", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    _v12("tls12-chacha20", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    _v13("tls13-aes128", "TLS_AES_128_GCM_SHA256"),
    _v13("tls13-aes256", "TLS_AES_256_GCM_SHA384"),
    _v13("tls13-chacha20", "TLS_CHACHA20_POLY1305_SHA256"),
    _group("x25519", "X25519"),
    _group("p256", "P-256"),
    _group("p384", "P-384"),
    _group("p521", "P-521"),
    _group("x448", "X448"),
    Case(
        "hello-retry",
        "a group that most clients support but send no share for: HelloRetryRequest",
        "RFC 8446 4.1.4",
        oldest=V13,
        groups="P-521",
    ),
    Case(
        "alpn-mismatch",
        "a protocol that nobody offers: no_application_protocol",
        "RFC 7301 3.2",
        alpn=("wireyard/0",),
    ),
    Case("no-tickets", "no session ticket, hence no resumption in TLS 1.3", "RFC 8446 4.6.1", tickets=0),
    Case(
        "client-optional",
        "a client certificate is asked for; none is fine, a bad one is not",
        "RFC 8446 4.3.2",
        client=ssl.VerifyMode.CERT_OPTIONAL,
    ),
    Case(
        "client-required",
        "a client certificate is demanded: certificate_required without one",
        "RFC 8446 4.4.2.4",
        client=ssl.VerifyMode.CERT_REQUIRED,
    ),
    Case("stall", "the ClientHello is never answered", "RFC 8446 4.1.3", conduct="stall"),
    Case("cut", "the connection is reset after the ClientHello", "RFC 8446 6", conduct="cut"),
    Case("garbage", "bytes that are no TLS come before the ServerHello", "RFC 8446 5.1", conduct="garbage"),
    Case("alert", "a fatal internal_error instead of a ServerHello", "RFC 8446 6.2", conduct="alert"),
    Case(
        "no-close-notify",
        "FIN without close_notify: the end may have been cut off",
        "RFC 8446 6.1",
        conduct="no-close-notify",
    ),
    Case("truncated", "the last record stops half-way", "RFC 8446 5.1", conduct="truncated"),
)

BY_NAME: Mapping[str, Case] = MappingProxyType({case.name: case for case in CASES})
