"""What goes into a certificate, as plain data: one frozen template, and its variations.

A template is the whole difference between two kinds of certificate; `certs.extensions` and `certs.authority`
turn one into a signed certificate. The good profiles are here, the bad ones are variations of them
(`certs.zoo`).

    ROOT           RFC 5280 4.2.1.9 (cA, critical), 4.2.1.3 (keyCertSign, cRLSign, critical)
    INTERMEDIATE   as the root, pathLenConstraint 0: it issues leaves only
    SERVER         4.2.1.6 (subjectAltName is what clients match, RFC 9525 6.3), 4.2.1.12 (serverAuth)
    CLIENT         as the server, with clientAuth
    RESPONDER      RFC 6960 4.2.2.2: OCSPSigning, and id-pkix-ocsp-nocheck
"""

from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)
SKEW = timedelta(hours=1)
"""Certificates begin an hour before now: a client whose clock is a little late is not locked out."""


@dataclass(frozen=True)
class Template:
    """The content of one certificate. `starts` and `ends` are distances from the moment of issue."""

    subject: str
    key: str = "p256"
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    starts: timedelta = -SKEW
    ends: timedelta | None = None
    """None: as long as what its issuer signs lasts (`certs.extensions.Issuer.life`)."""
    authority: bool | None = False
    """cA of basicConstraints; None leaves the extension out."""
    path_length: int | None = None
    usages: tuple[str, ...] = ("digital_signature",)
    """Names of keyUsage bits as `cryptography` spells them; empty leaves the extension out."""
    purposes: tuple[str, ...] = ()
    """Names of extended key usages (`certs.extensions.PURPOSES`); empty leaves the extension out."""
    permitted: tuple[str, ...] = ()
    """DNS subtrees of nameConstraints (RFC 5280, 4.2.1.10)."""
    must_staple: bool = False
    """The TLS feature status_request (RFC 7633, 4.1)."""
    status: bool = True
    """Carry authorityInfoAccess and cRLDistributionPoints."""
    nocheck: bool = False
    """id-pkix-ocsp-nocheck: nobody asks a responder about its own certificate (RFC 6960, 4.2.2.2.1)."""


ROOT = Template(
    subject="Wireyard Root",
    ends=5 * 365 * DAY,
    authority=True,
    usages=("key_cert_sign", "crl_sign"),
    status=False,
)
INTERMEDIATE = Template(
    subject="Wireyard Intermediate",
    ends=2 * 365 * DAY,
    authority=True,
    path_length=0,
    usages=("key_cert_sign", "crl_sign"),
)
SERVER = Template(subject="", purposes=("server_auth",))
CLIENT = Template(subject="", purposes=("client_auth",))
RESPONDER = Template(
    subject="Wireyard OCSP Responder",
    purposes=("ocsp_signing",),
    nocheck=True,
    status=False,
)
