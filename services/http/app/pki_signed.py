"""What the public key infrastructure makes with a key: OCSP responses, and a visitor's PKCS #12 file."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509 import ocsp

from certs import store
from certs.errors import StoreError
from certs.status import Moment, ask, read_index, respond
from services.http.app.errors import NotOffered


def bundle(place: Path, password: bytes) -> bytes:
    """The pair in `place` as PKCS #12. Raises NotOffered where there is none."""
    pair = _load(place)
    encryption = BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(
        place.name.encode(), pair.key, pair.leaf, pair.chain[1:], encryption
    )


def answer(der: bytes, authorities: Path, certs: Path) -> bytes:
    """The OCSP response, DER, to the request `der`. Raises NotOffered without a responder's certificate."""
    try:
        request = ocsp.load_der_ocsp_request(der)
        hashed = request.issuer_key_hash
    except (ValueError, NotImplementedError):
        return _failure(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    for slug in ("intermediate", "root"):
        pair = _load(certs / f"ocsp-{slug}")
        issuer = store.load_chain(authorities / ("ca.pem" if slug == "root" else "intermediate.pem"))[0]
        mine = ask(pair.leaf, issuer, request.hash_algorithm)
        if mine.issuer_key_hash == hashed:
            signed = respond(request, read_index(authorities / "index.json"), pair, Moment.now())
            return signed.public_bytes(Encoding.DER)
    return _failure(ocsp.OCSPResponseStatus.UNAUTHORIZED)


def _failure(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def _load(place: Path) -> store.Pair:
    try:
        return store.load(place)
    except StoreError as error:
        raise NotOffered(f"{place.name} ({error})") from error
