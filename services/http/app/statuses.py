"""Statuses to order: `/status/{codes}`, `/unstable`."""

from __future__ import annotations

import random

from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Number, Text, Whole
from services.http.app.message import REASONS, Field, Response, json_response, text
from services.http.app.routing import Route

_CODES = Text(
    name="codes",
    where="path",
    meaning="A status from 200 to 599, or several by comma, each with a weight if wanted: `200:3,500:1`",
    longest=256,
    pattern=r"[2-5][0-9]{2}(:[0-9]{1,4}(\.[0-9]{1,4})?)?(,[2-5][0-9]{2}(:[0-9]{1,4}(\.[0-9]{1,4})?)?)*",
    examples=("200", "404", "200:3,503:1"),
)
_RATE = Number(name="failure_rate", meaning="The share of answers that fail", default=0.5)
_SEED = Whole(name="seed", meaning="Makes the outcome the same each time", high=2**32, default=-1)
_ANY = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
_FEATURE = "statuses"

# What RFC 9110 15 wants beside some statuses.
_COMPANIONS: dict[int, tuple[Field, ...]] = {
    **dict.fromkeys((301, 302, 303, 305, 307), ((b"location", b"/redirect/1"),)),
    **dict.fromkeys((300, 308), ((b"location", b"/image/jpeg"),)),
    401: ((b"www-authenticate", b'Basic realm="wireyard"'),),
    405: ((b"allow", b"GET"),),
    407: ((b"proxy-authenticate", b'Basic realm="wireyard"'),),
    416: ((b"content-range", b"bytes */0"),),
    426: ((b"upgrade", b"websocket"), (b"connection", b"upgrade")),
    503: ((b"retry-after", b"1"),),
}
_WORDS = {402: "Payment is welcome.", 418: "I'm a teapot (RFC 2324)."}
_NOT_ACCEPTABLE = {
    "message": "Client did not request a supported media type",
    "accept": ["image/webp", "image/svg+xml", "image/jpeg", "image/png", "image/"],
}
_BODILESS = (204, 205, 304)


async def status(exchange: Exchange) -> Response:
    """`/status/{codes}`: that status, or one of several by weight."""
    return _with(_chosen(_CODES.of(exchange), _random(exchange)), exchange.request.version)


async def unstable(exchange: Exchange) -> Response:
    """`/unstable`: 500 at the given rate, else 200."""
    failed = _random(exchange).random() < _RATE.of(exchange)
    return text(500 if failed else 200, "this time it failed" if failed else "this time it worked")


def _random(exchange: Exchange) -> random.Random:
    seed = _SEED.of(exchange)
    return random.Random(seed if seed >= 0 else None)  # noqa: S311 - not a secret


def _chosen(codes: str, chance: random.Random) -> int:
    pairs = [item.partition(":") for item in codes.split(",")]
    weights = [float(weight or 1) for _, _, weight in pairs]
    if not any(weights):
        raise Refused(400, "every weight is zero")
    return int(chance.choices([code for code, _, _ in pairs], weights)[0])


def _with(code: int, version: str) -> Response:
    companions = _COMPANIONS.get(code, ())
    if version == "2":
        companions = tuple(pair for pair in companions if pair[0] not in (b"upgrade", b"connection"))
    if code in _BODILESS:
        return Response(code, companions)
    if code == 406:
        return json_response(_NOT_ACCEPTABLE, code, *companions)
    return text(code, _WORDS.get(code) or REASONS.get(code, f"Status {code}"), *companions)


ROUTES = (
    Route(
        _ANY, "/status/{codes}", status, "A status to order", _FEATURE, (_CODES, _SEED), (), ("text/plain",)
    ),
    Route(
        ("GET",),
        "/unstable",
        unstable,
        "Fails now and then",
        _FEATURE,
        (_RATE, _SEED),
        (200, 500),
        ("text/plain",),
    ),
)
