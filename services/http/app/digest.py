"""Digest authentication (RFC 7616), qop=auth: nonces that need no memory, and the check of an answer."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from enum import Enum

from services.http.app.message import Request

REALM = "wireyard"
LIFETIME = 60.0
_KEY = secrets.token_bytes(32)
_HASHES = {"md5": ("MD5", hashlib.md5), "sha-256": ("SHA-256", hashlib.sha256)}
# auth-param (RFC 9110 11.2), quoted or as a token.
_PARAMETER = re.compile(r'([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Verdict(Enum):
    """What an Authorization value is worth."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG = "wrong"
    STALE = "right, but its nonce has expired"


@dataclass(frozen=True, slots=True)
class Expected:
    """The user and password that are right; `algorithm` is a key of the RFC's, in lower case."""

    user: str
    password: str
    algorithm: str

    def hash(self, words: str) -> str:
        """H() of RFC 7616 3.3, in hexadecimal."""
        return _HASHES[self.algorithm][1](words.encode(), usedforsecurity=False).hexdigest()


def challenge(algorithm: str, *, stale: bool) -> bytes:
    """A WWW-Authenticate value (RFC 7616 3.3)."""
    name = _HASHES[algorithm][0]
    words = f'Digest realm="{REALM}", qop="auth", algorithm={name}, nonce="{_nonce()}", charset=UTF-8'
    return (words + (", stale=true" if stale else "")).encode()


def check(authorization: str, request: Request, expected: Expected) -> Verdict:
    """Judges the answer to a challenge (RFC 7616 3.4)."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "digest":
        return Verdict.MISSING
    given = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) or token
        for name, quoted, token in _PARAMETER.findall(rest)
    }
    age = _age(given.get("nonce", ""))
    if age is None or not _names_this(given, request, expected):
        return Verdict.WRONG
    if not hmac.compare_digest(
        given.get("response", "").lower().encode(), _response(given, request, expected).encode()
    ):
        return Verdict.WRONG
    return Verdict.STALE if age > LIFETIME else Verdict.RIGHT


def _names_this(given: dict[str, str], request: Request, expected: Expected) -> bool:
    """Whether the answer is about this user, realm, target and algorithm (RFC 7616 3.4.6)."""
    return (
        given.get("username") == expected.user
        and given.get("realm") == REALM
        and given.get("uri", "").encode() == request.target
        and given.get("algorithm", "MD5").lower() == expected.algorithm
        and given.get("qop") == "auth"
    )


def _response(given: dict[str, str], request: Request, expected: Expected) -> str:
    """RFC 7616 3.4.1 to 3.4.3."""
    first = expected.hash(f"{expected.user}:{REALM}:{expected.password}")
    second = expected.hash(f"{request.method}:{given['uri']}")
    middle = ":".join(given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
    return expected.hash(f"{first}:{middle}:{second}")


def _nonce() -> str:
    now = f"{time.time():.3f}"
    return f"{now}-{_sign(now)}"


def _age(nonce: str) -> float | None:
    """Seconds since the nonce was given out, or None when it was not given out here."""
    made, _, signature = nonce.partition("-")
    return (
        time.time() - float(made) if hmac.compare_digest(signature.encode(), _sign(made).encode()) else None
    )


def _sign(words: str) -> str:
    return hmac.new(_KEY, words.encode(), hashlib.sha256).hexdigest()[:32]
