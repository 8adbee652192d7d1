"""Who is revoked, told in three ways that agree: a CRL, an index for the OCSP responder, and staples.

RFC 5280 5 (CRLs), RFC 6960 (OCSP), RFC 6066 8 (stapling).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certs import keys, store
from certs.errors import StoreError
from certs.extensions import Issuer
from certs.store import Owner, Pair
from certs.template import SKEW
from certs.term import LIFE, NEARLY_UP, NEVER, nearly_up

REASON = x509.ReasonFlags.key_compromise


@dataclass(frozen=True)
class Entry:
    """One issued certificate: whose it is, and when it was revoked, if it was."""

    serial: int
    name: str
    revoked: datetime | None = None


Index = Mapping[int, Entry]


def write_index(where: Path, entries: Iterable[Entry]) -> None:
    """Publish who was issued what; the OCSP responder answers from it."""
    rows = [
        {"serial": f"{e.serial:x}", "name": e.name, "revoked": e.revoked and e.revoked.isoformat()}
        for e in sorted(entries, key=lambda entry: entry.name)
    ]
    store.publish(where / "ca" / "index.json", json.dumps(rows, indent=1).encode() + b"\n")


def read_index(path: Path) -> dict[int, Entry]:
    """The published index by serial number; empty when there is none yet. Raises StoreError."""
    if not path.exists():
        return {}
    try:
        return {entry.serial: entry for entry in map(_entry, json.loads(path.read_bytes()))}
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: {error}") from error


def _entry(row: Mapping[str, str | None]) -> Entry:
    serial, name, revoked = row["serial"], row["name"], row["revoked"]
    return Entry(int(serial or "", 16), str(name), datetime.fromisoformat(revoked) if revoked else None)


def write_list(where: Path, issuer: Issuer, entries: Iterable[Entry]) -> tuple[str, datetime]:
    """Publish the issuer's CRL, unless the one that is there will do; why it is new (if so), and its end."""
    path = where / "ca" / f"{issuer.slug}.crl"
    revoked = {entry.serial: entry.revoked for entry in entries if entry.revoked}
    crl, why = _read_list(path, issuer, set(revoked))
    if crl is not None and (not why or issuer.key is None):
        return "", _end(crl)
    crl = _list(issuer, revoked)
    store.write(path, crl.public_bytes(Encoding.DER), store.PUBLIC, Owner())
    store.write(path.with_suffix(".crl.pem"), crl.public_bytes(Encoding.PEM), store.PUBLIC, Owner())
    return why, _end(crl)


def _read_list(
    path: Path, issuer: Issuer, serials: set[int]
) -> tuple[x509.CertificateRevocationList | None, str]:
    """The list that is there, and why it will not do; None for one that is not there or is no list."""
    try:
        crl = x509.load_der_x509_crl(path.read_bytes())
    except FileNotFoundError:
        return None, "new"
    except (OSError, ValueError) as error:
        return None, str(error)
    if nearly_up(_end(crl), issuer.life):
        return crl, NEARLY_UP
    signer = issuer.certificate.public_key()
    if not (isinstance(signer, ec.EllipticCurvePublicKey) and crl.is_signature_valid(signer)):
        return crl, "signed by an authority that is gone"
    return crl, "" if {entry.serial_number for entry in crl} == serials else "others are revoked"


def _end(crl: x509.CertificateRevocationList) -> datetime:
    return crl.next_update_utc or NEVER


def _list(issuer: Issuer, revoked: Mapping[int, datetime | None]) -> x509.CertificateRevocationList:
    now = datetime.now(UTC).replace(microsecond=0)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.signer.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - SKEW)
        .next_update(now + issuer.life)
        .add_extension(authority, critical=False)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for serial, moment in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment or now)
        builder = builder.add_revoked_certificate(
            entry.add_extension(x509.CRLReason(REASON), critical=False).build()
        )
    return builder.sign(issuer.signer, keys.digest_for(issuer.signer))


@dataclass(frozen=True)
class Moment:
    """When an OCSP response begins to be good, and when it ends."""

    starts: datetime
    ends: datetime

    @classmethod
    def now(cls, lasting: timedelta = LIFE) -> "Moment":
        """From an hour ago until `lasting` from now."""
        now = datetime.now(UTC).replace(microsecond=0)
        return cls(now - SKEW, now + lasting)


NAMING = hashes.SHA1()  # noqa: S303 - it names the issuer and protects nothing (RFC 6960, 4.3)


def ask(
    certificate: x509.Certificate, issuer: x509.Certificate, naming: hashes.HashAlgorithm = NAMING
) -> ocsp.OCSPRequest:
    """The request about one certificate."""
    return ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, naming).build()


def respond(request: ocsp.OCSPRequest, index: Index, responder: Pair, when: Moment) -> ocsp.OCSPResponse:
    """The signed answer of a responder that the issuer delegated to (RFC 6960, 4.2.2.2).

    A serial number that was never issued is answered `unknown` (2.2). A nonce comes back (RFC 9654).
    """
    status, revoked = _state(index.get(request.serial_number))
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            request.issuer_name_hash,
            request.issuer_key_hash,
            request.serial_number,
            request.hash_algorithm,
            status,
            when.starts,
            when.ends,
            revoked,
            REASON if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.leaf)
        .certificates([responder.leaf])
    )
    for extension in request.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            builder = builder.add_extension(extension.value, critical=False)
    return builder.sign(responder.key, hashes.SHA256())


def _state(entry: Entry | None) -> tuple[ocsp.OCSPCertStatus, datetime | None]:
    if entry is None:
        return ocsp.OCSPCertStatus.UNKNOWN, None
    return (ocsp.OCSPCertStatus.REVOKED if entry.revoked else ocsp.OCSPCertStatus.GOOD), entry.revoked
