"""The authority's folder: what lies where, who may read it, and how it gets there whole.

    DIR/authority/    the signing keys; the owner's alone, mounted into no service
    DIR/ca/           public: ca.pem (the trust anchor, all that a client needs), intermediates, CRLs, index
    DIR/ROLE/         cert.pem (leaf, then intermediate), key.pem: for one service alone
    DIR/ROLE/NAME/    the same for each further certificate of that service

Files are written beside their place and renamed, so that a reader sees the old one or the new one.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certs import keys
from certs.errors import StoreError

PRIVATE, PUBLIC = 0o400, 0o444
"""Modes of a key and of a certificate: nobody writes them in place."""


@dataclass(frozen=True)
class Owner:
    """Whom a service's files are given to; None leaves them with the user who runs this."""

    uid: int | None = None

    def take(self, path: Path) -> None:
        """Hand `path` over; raises StoreError when this user may not."""
        if self.uid is None or path.stat().st_uid == self.uid:
            return
        try:
            os.chown(path, self.uid, -1)
        except PermissionError as error:
            raise StoreError(f"{path}: only root can give it to uid {self.uid}") from error


@dataclass(frozen=True)
class Pair:
    """A certificate chain, leaf first, and the leaf's private key."""

    chain: tuple[x509.Certificate, ...]
    key: keys.PrivateKey

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate that the key belongs to."""
        return self.chain[0]


def folder(path: Path, mode: int, owner: Owner) -> Path:
    """Make a folder with its mode and owner, parents included; returns it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        _chmod(path, mode)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    owner.take(path)
    return path


def write(path: Path, content: bytes, mode: int, owner: Owner) -> None:
    """Put a file in place at once, under its final mode and owner."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        owner.take(scratch)
        scratch.rename(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error


def publish(path: Path, content: bytes) -> None:
    """Write a public file of our own, unless it already says the same."""
    if not path.exists() or path.read_bytes() != content:
        write(path, content, PUBLIC, Owner())


def settle(where: Path, owner: Owner) -> None:
    """Set right the modes and the owner of a pair that is already there."""
    folder(where, 0o755, owner)
    for name, mode in (("key.pem", PRIVATE), ("cert.pem", PUBLIC)):
        _chmod(where / name, mode)
        owner.take(where / name)


def _chmod(path: Path, mode: int) -> None:
    if path.stat().st_mode & 0o777 != mode:
        path.chmod(mode)


def save(where: Path, pair: Pair, owner: Owner) -> None:
    """Write `cert.pem` and `key.pem` into a folder that others may list and only the owner may read.

    The staple that lies there is about the certificate before, and is gone first: stapled to this one, it
    would be refused, and the wait for the next is short.
    """
    folder(where, 0o755, owner)
    (where / "ocsp.der").unlink(missing_ok=True)
    write(where / "key.pem", keys.to_pem(pair.key), PRIVATE, owner)
    write(where / "cert.pem", pem(pair.chain), PUBLIC, owner)


def load(where: Path) -> Pair:
    """Read back what `save` wrote; raises StoreError when either file is missing or damaged."""
    key = keys.from_pem(_read(where / "key.pem"))
    chain = load_chain(where / "cert.pem")
    return Pair(chain, key)


def load_chain(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file in their order; raises StoreError."""
    try:
        return tuple(x509.load_pem_x509_certificates(_read(path)))
    except ValueError as error:
        raise StoreError(f"{path}: not certificates in PEM: {error}") from error


def pem(chain: Sequence[x509.Certificate]) -> bytes:
    """Certificates one after the other in PEM (RFC 7468)."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the store for one writer; a second `make` waits for the first instead of mixing with it."""
    keep = folder(root / "authority", 0o700, Owner())
    with (keep / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
