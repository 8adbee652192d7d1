"""The yard's public key infrastructure over plain HTTP: certificates, lists, OCSP, a visitor's identity.

RFC 5280 4.2.1.13 and 4.2.2.1 (where certificates point here), RFC 6960 A.1 (OCSP over HTTP), RFC 2585 (media
types). Plain HTTP is right: everything is signed, and TLS would have to ask here about itself (RFC 5280, 8).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from services.http.app.content import read_all
from services.http.app.errors import NotOffered, Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Text
from services.http.app.message import Response
from services.http.app.routing import Route

_FEATURE = "pki"
MEDIA: Mapping[str, str] = MappingProxyType(
    {
        "ca.pem": "application/pem-certificate-chain",
        "root.crt": "application/pkix-cert",
        "intermediate.crt": "application/pkix-cert",
        "root.crl": "application/pkix-crl",
        "intermediate.crl": "application/pkix-crl",
        "index.json": "application/json",
    }
)
"""What is public, with its media type (RFC 2585, RFC 8555)."""
PASSWORD = b"wireyard"
"""Of the visitor's PKCS #12 file: the programs that import one insist on a password."""
_FILE = Text(name="file", where="path", meaning="One of " + ", ".join(MEDIA), examples=tuple(MEDIA))
_REQUEST = Text(name="request", where="path", meaning="The OCSP request in base64")
_OCSP, _P12, _PEM = "application/ocsp-response", "application/x-pkcs12", "application/x-pem-file"


async def public(exchange: Exchange) -> Response:
    """`GET /pki/{file}`: a certificate, a list or the index."""
    name = _FILE.of(exchange)
    if name not in MEDIA:
        raise Refused(404, f"{name!r} is none of {', '.join(MEDIA)}")
    return _typed(MEDIA[name], _read(_folder("WIREYARD_CA").parent / name))


async def visitor(exchange: Exchange) -> Response:  # noqa: ARG001 - a handler's signature
    """`GET /pki/visitor.p12`: a client identity for anyone, as PKCS #12 with the password `wireyard`."""
    from services.http.app import pki_signed  # noqa: PLC0415 - few ask, and X.509 costs 9 MB

    return _typed(_P12, pki_signed.bundle(_folder("WIREYARD_CERTS") / "visitor", PASSWORD))


async def visitor_pem(exchange: Exchange) -> Response:  # noqa: ARG001 - a handler's signature
    """`GET /pki/visitor.pem`: the same as PEM, key first."""
    place = _folder("WIREYARD_CERTS") / "visitor"
    return _typed(_PEM, _read(place / "key.pem") + _read(place / "cert.pem"))


async def ocsp_by_post(exchange: Exchange) -> Response:
    """`POST /pki/ocsp`: RFC 6960, A.1."""
    return _answer(await read_all(exchange))


async def ocsp_by_get(exchange: Exchange) -> Response:
    """`GET /pki/ocsp/{base64}`: the same, so that caches can hold the answer (RFC 5019, 5)."""
    try:
        der = base64.b64decode(_REQUEST.of(exchange), validate=True)
    except ValueError:
        der = b""
    return _answer(der)


def _answer(der: bytes) -> Response:
    """RFC 6960, 2.3: an error is an OCSP response too, unsigned, and the HTTP status is 200 all the same."""
    from services.http.app import pki_signed  # noqa: PLC0415 - as above

    return _typed(_OCSP, pki_signed.answer(der, _folder("WIREYARD_CA").parent, _folder("WIREYARD_CERTS")))


def _typed(media: str, body: bytes) -> Response:
    return Response(200, ((b"content-type", media.encode()),), body)


def _folder(variable: str) -> Path:
    """The path that the service was given; 501 from a service that has none of it."""
    path = os.environ.get(variable)
    if not path:
        raise NotOffered(f"the public key infrastructure ({variable} is not set)")
    return Path(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotOffered(f"{path.name} ({error.strerror})") from error


_OR_NOT = (200, 501)
_BY_GET = "/pki/ocsp/{request*}"
_ANY = tuple(sorted(set(MEDIA.values())))

ROUTES = (
    Route(("POST",), "/pki/ocsp", ocsp_by_post, "The OCSP responder", _FEATURE, (), _OR_NOT, (_OCSP,)),
    Route(("GET",), _BY_GET, ocsp_by_get, "The same by GET", _FEATURE, (_REQUEST,), _OR_NOT, (_OCSP,)),
    Route(("GET",), "/pki/visitor.p12", visitor, "An identity for anyone", _FEATURE, (), _OR_NOT, (_P12,)),
    Route(("GET",), "/pki/visitor.pem", visitor_pem, "The same as PEM", _FEATURE, (), _OR_NOT, (_PEM,)),
    Route(("GET",), "/pki/{file}", public, "Certificates and lists", _FEATURE, (_FILE,), _OR_NOT, _ANY),
)
