"""A signature with SHA-1, which `cryptography` rightly refuses to make: for the zoo alone."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from certs.errors import BadRequestError
from certs.extensions import Issuer

ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
ECDSA_SHA1 = bytes.fromhex("300906072a8648ce3d0401")
"""AlgorithmIdentifiers (RFC 5758, 3.2; RFC 3279, 2.2.3)."""


def sign_again(certificate: x509.Certificate, issuer: Issuer) -> x509.Certificate:
    """The same certificate, signed by its issuer with ECDSA and SHA-1 (RFC 5280, 4.1)."""
    signer = issuer.signer
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise BadRequestError("only an issuer with an elliptic-curve key signs with SHA-1")
    content = _content(certificate.tbs_certificate_bytes).replace(ECDSA_SHA256, ECDSA_SHA1, 1)
    to_sign = _tagged(0x30, content)
    signature = signer.sign(to_sign, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - that is the point
    der = _tagged(0x30, to_sign + ECDSA_SHA1 + _tagged(0x03, b"\0" + signature))
    return x509.load_der_x509_certificate(der)


def _content(der: bytes) -> bytes:
    """What is inside a DER value (X.690, 8.1.3)."""
    long = der[1] & 0x7F if der[1] & 0x80 else 0
    return der[2 + long :]


def _tagged(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content
