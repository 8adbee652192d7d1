"""Whether a certificate still stands: what its server stapled, and what the lists beside the authority say.

OpenSSL verifies chain, time and name; Python's asks for no staple and reads no list unless told to. A client
that asked for the status and got an unsatisfactory one must not go on (RFC 6066, 8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from clients.tls.sent import Sent

Lists = Sequence[x509.CertificateRevocationList]


@dataclass(frozen=True)
class Status:
    """`staple` is what was stapled, `fault` why the leaf is to be refused; each in words, empty for none."""

    staple: str = ""
    fault: str = ""


def lists(folder: Path) -> Lists:
    """The revocation lists (DER, *.crl) that are kept in `folder`."""
    return [x509.load_der_x509_crl(path.read_bytes()) for path in sorted(folder.glob("*.crl"))]


def judge(sent: Sent, known: Lists, now: datetime) -> Status:
    """The status of the leaf of a chain that is otherwise good. `now` is aware."""
    leaf, issuer = sent.chain[0], _issuer(sent.chain)
    if sent.staple is None:
        missing = "the stapled status is missing" if _demands_staple(leaf) else ""
        return Status("", missing or _listed(leaf, issuer, known, now))
    words, fault = _staple(sent.staple, leaf, issuer, now)
    return Status(words, fault or _listed(leaf, issuer, known, now))


def _issuer(chain: Sequence[x509.Certificate]) -> x509.Certificate | None:
    return next((above for above in chain[1:] if _issued(chain[0], above)), None)


def _issued(below: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _demands_staple(leaf: x509.Certificate) -> bool:
    """RFC 7633, 4.2.3.1."""
    try:
        features = leaf.extensions.get_extension_for_class(x509.TLSFeature).value
    except x509.ExtensionNotFound:
        return False
    return x509.TLSFeatureType.status_request in features


def _listed(leaf: x509.Certificate, issuer: x509.Certificate | None, known: Lists, now: datetime) -> str:
    """RFC 5280, 6.3.3: a list counts that the issuer signed and that is not out of date."""
    for crl in known:
        if issuer is None or crl.issuer != leaf.issuer or (crl.next_update_utc or now) < now:
            continue
        entry = crl.get_revoked_certificate_by_serial_number(leaf.serial_number)
        if entry is not None and _list_is_by(crl, issuer):
            return f"revoked on {entry.revocation_date_utc:%Y-%m-%d}, as its issuer's list says"
    return ""


def _list_is_by(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    return isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) and crl.is_signature_valid(key)


def _staple(
    der: bytes, leaf: x509.Certificate, issuer: x509.Certificate | None, now: datetime
) -> tuple[str, str]:
    """What the response says, and what is wrong with it (RFC 6960, 3.2)."""
    try:
        response = ocsp.load_der_ocsp_response(der)
    except ValueError:
        return "what is no OCSP response", "the stapled status cannot be read"
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return f"an error: {response.response_status.name.lower()}", "the stapled status is an error"
    ends = response.next_update_utc
    until = f" until {ends:%Y-%m-%d %H:%M}" if ends else ""
    words = f"{response.certificate_status.name.lower()}{until}, for serial {response.serial_number:x}"
    return words, _wrong(response, leaf, issuer, now)


def _wrong(
    response: ocsp.OCSPResponse, leaf: x509.Certificate, issuer: x509.Certificate | None, now: datetime
) -> str:
    """Why a response does not satisfy; empty when it does."""
    if response.serial_number != leaf.serial_number:
        return "the stapled status does not cover the certificate"
    if issuer is None or not _signed(response, issuer):
        return "the stapled status is not signed for the issuer"
    if response.this_update_utc > now or (response.next_update_utc or now) < now:
        return "the stapled status is out of date"
    if response.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        return "revoked, as the stapled status says"
    good = response.certificate_status is ocsp.OCSPCertStatus.GOOD
    return "" if good else "the stapled status does not know the certificate"


def _signed(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """RFC 6960, 4.2.2.2: by the issuer itself, or by whom it certified for signing OCSP responses."""
    delegates = [found for found in response.certificates if _issued(found, issuer) and _may_respond(found)]
    return any(_verifies(signer, response) for signer in (issuer, *delegates))


def _may_respond(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _verifies(signer: x509.Certificate, response: ocsp.OCSPResponse) -> bool:
    key, signature, signed = signer.public_key(), response.signature, response.tbs_response_bytes
    digest = response.signature_hash_algorithm
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and digest is not None:
            key.verify(signature, signed, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey) and digest is not None:
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        else:
            return False
    except InvalidSignature:
        return False
    return True
