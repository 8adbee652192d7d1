"""Authentication (RFC 9110 11): Basic (RFC 7617), Bearer (RFC 6750), Digest (RFC 7616)."""

from __future__ import annotations

import base64
import hmac

from services.http.app import digest
from services.http.app.exchange import Exchange
from services.http.app.inputs import Choice, Text
from services.http.app.message import Field, Response, json_response, problem
from services.http.app.routing import Route

_USER = Text(name="user", where="path", meaning="The user name that is right", examples=("jane",))
_PASSWORD = Text(name="password", where="path", meaning="The password that is right", examples=("secret",))
_QOP = Choice(name="qop", where="path", meaning="Quality of protection", words=("auth",))
_ALGORITHM = Choice(name="algorithm", where="path", meaning="Hash function", words=("md5", "sha-256"))
_BASIC: Field = (b"www-authenticate", b'Basic realm="wireyard", charset="UTF-8"')
_FEATURE = "authentication"


async def basic(exchange: Exchange) -> Response:
    """`/basic-auth/{user}/{password}`: 200, or 401 with a challenge."""
    user, right = _basic(exchange)
    return _said(user, right) if right else _said(user, right, 401, _BASIC)


async def hidden_basic(exchange: Exchange) -> Response:
    """`/hidden-basic-auth/{user}/{password}`: 404 instead of a challenge (RFC 9110 15.5.4)."""
    user, right = _basic(exchange)
    return _said(user, right) if right else problem(404, f"there is nothing at {exchange.request.path}")


async def bearer(exchange: Exchange) -> Response:
    """`/bearer`: any token will do."""
    scheme, _, token = _authorization(exchange).partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or " " in token.strip():
        return problem(401, "a bearer token is missing", ((b"www-authenticate", b'Bearer realm="wireyard"'),))
    return json_response({"authenticated": True, "token": token.strip()})


async def digested(exchange: Exchange) -> Response:
    """`/digest-auth/{qop}/{user}/{password}/{algorithm}`: 200, or 401 with a fresh nonce."""
    _QOP.of(exchange)
    algorithm = _ALGORITHM.of(exchange) if "algorithm" in exchange.parameters else "md5"
    right = digest.Expected(_USER.of(exchange), _PASSWORD.of(exchange), algorithm)
    verdict = digest.check(_authorization(exchange), exchange.request, right)
    if verdict is digest.Verdict.RIGHT:
        return _said(right.user, True)
    challenge = digest.challenge(algorithm, stale=verdict is digest.Verdict.STALE)
    return problem(401, f"the digest is {verdict.value}", ((b"www-authenticate", challenge),))


def _basic(exchange: Exchange) -> tuple[str, bool]:
    """The user named, and whether both name and password are right."""
    scheme, _, token = _authorization(exchange).partition(" ")
    if scheme.lower() != "basic":
        return "", False
    try:
        user, colon, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", False
    expected = f"{_USER.of(exchange)}:{_PASSWORD.of(exchange)}"
    return user, hmac.compare_digest(f"{user}{colon}{password}".encode(), expected.encode())


def _authorization(exchange: Exchange) -> str:
    return (exchange.request.value(b"authorization") or b"").decode("utf-8", "replace")


def _said(user: str, right: bool, status: int = 200, *fields: Field) -> Response:
    return json_response({"authenticated": right, "user": user, "authorized": right}, status, *fields)


_PAIR = (_USER, _PASSWORD)

ROUTES = (
    Route(
        ("GET",), "/basic-auth/{user}/{password}", basic, "Basic authentication", _FEATURE, _PAIR, (200, 401)
    ),
    Route(
        ("GET",),
        "/hidden-basic-auth/{user}/{password}",
        hidden_basic,
        "Basic authentication that answers 404 to strangers",
        _FEATURE,
        _PAIR,
        (200, 404),
    ),
    Route(("GET",), "/bearer", bearer, "Bearer authentication: any token", _FEATURE, (), (200, 401)),
    Route(
        ("GET",),
        "/digest-auth/{qop}/{user}/{password}",
        digested,
        "Digest authentication with MD5",
        _FEATURE,
        (_QOP, *_PAIR),
        (200, 401),
    ),
    Route(
        ("GET",),
        "/digest-auth/{qop}/{user}/{password}/{algorithm}",
        digested,
        "Digest authentication",
        _FEATURE,
        (_QOP, *_PAIR, _ALGORITHM),
        (200, 401),
    ),
)
