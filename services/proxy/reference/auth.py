"""Basic authentication (RFC 7617) of those who ask for a tunnel. No I/O."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence

from services.proxy.reference.errors import Cause, PolicyError, Refusal

CHALLENGE = ("Proxy-Authenticate", 'Basic realm="wireyard", charset="UTF-8"')


class Users:
    """Who may ask. Comparing takes the same time whoever asks and whatever they send."""

    def __init__(self, pairs: Iterable[str]) -> None:
        self._digests = [_digest(_pair(pair).encode()) for pair in pairs]

    def check(self, credentials: Sequence[bytes]) -> None:
        """Raises Refusal 407 (RFC 9110 11.7) unless one Proxy-Authorization names a user."""
        if not self._digests:
            return
        if len(credentials) != 1:
            raise _challenge("tell who you are in one Proxy-Authorization")
        offered = _digest(_decode(credentials[0]))
        # Every user is compared, so that time tells nothing about which one was near.
        if sum([hmac.compare_digest(offered, known) for known in self._digests]) == 0:
            raise _challenge("no such user, or not this password")


def _pair(pair: str) -> str:
    name, colon, _ = pair.partition(":")
    if not name or not colon:
        raise PolicyError("a user is NAME:PASSWORD")
    return pair


def _digest(pair: bytes) -> bytes:
    """A fixed length, so that comparing tells nothing about the length either."""
    return hashlib.sha256(pair).digest()


def _decode(value: bytes) -> bytes:
    scheme, _, token = value.partition(b" ")
    if scheme.lower() != b"basic":
        raise _challenge("only Basic is understood")
    try:
        return base64.b64decode(token.strip(), validate=True)
    except binascii.Error:
        raise _challenge("the credentials are not base64") from None


def _challenge(reason: str) -> Refusal:
    return Refusal(407, Cause.REQUEST_DENIED, reason, (CHALLENGE,))
