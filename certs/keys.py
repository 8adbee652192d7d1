"""Private keys by kind: made, read and written as PKCS #8 PEM (RFC 5958)."""

from collections.abc import Callable
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from certs.errors import BadRequestError, StoreError

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

PUBLIC_FORM = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

KINDS: dict[str, Callable[[], PrivateKey]] = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa4096": lambda: rsa.generate_private_key(65537, 4096),
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 - the zoo's weak one
}


def generate(kind: str) -> PrivateKey:
    """A fresh key of one of `KINDS`; raises BadRequestError for any other word."""
    if kind not in KINDS:
        raise BadRequestError(f"key kind {kind!r} is not one of {', '.join(KINDS)}")
    return KINDS[kind]()


def to_pem(key: PrivateKey) -> bytes:
    """The key as unencrypted PKCS #8 PEM; whoever writes it down sets the file's mode."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def from_pem(pem: bytes) -> PrivateKey:
    """The key in a PEM text; raises StoreError for anything else.

    Only keys that this authority made are read, so RSA's own check, 0.1 s for 4096 bits, is spared.
    """
    try:
        key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError) as error:
        raise StoreError(f"not an unencrypted private key in PEM: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey):
        raise StoreError(f"a key of kind {type(key).__name__} is not one that this authority makes")
    return key


def kind(key: PrivateKey) -> str:
    """The word of `KINDS` for a key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return f"rsa{key.key_size}"
    return f"p{key.key_size}" if isinstance(key, ec.EllipticCurvePrivateKey) else "ed25519"


def digest_for(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | None:
    """The hash to sign with: SHA-384 for P-384, none for Ed25519 (RFC 8410, 5), else SHA-256."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size == 384:
        return hashes.SHA384()
    return hashes.SHA256()


def public_bytes(key: PrivateKey) -> bytes:
    """The DER SubjectPublicKeyInfo of the key, by which two keys are compared."""
    return key.public_key().public_bytes(*PUBLIC_FORM)
