"""Cookies (RFC 6265): shown, set and deleted."""

from __future__ import annotations

import re

from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Text
from services.http.app.message import Field, Request, Response, json_response
from services.http.app.routing import Route

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# cookie-octet (RFC 6265 4.1.1).
_VALUE = r"[!#-+\--:<-\[\]-~]*"
_NAME = Text(
    name="name", where="path", meaning="The cookie's name", pattern=_WORD, longest=256, examples=("name",)
)
_CONTENT = Text(
    name="value", where="path", meaning="The cookie's value", pattern=_VALUE, longest=1024, examples=("lisi",)
)
_FEATURE = "cookies"
MOST = 64


def shown(request: Request) -> Response:
    """`GET /cookies`: name and value of each, the first of a name (RFC 6265 4.2)."""
    found: dict[str, str] = {}
    for pair in b";".join(request.values(b"cookie")).split(b";"):
        name, equals, value = pair.decode("utf-8", "backslashreplace").strip().partition("=")
        if equals:
            found.setdefault(name, value.strip('"'))
    return json_response(found)


def set_many(request: Request) -> Response:
    """`GET /cookies/set?name=value`: sets each, then shows them."""
    return _there([_cookie(name, value) for name, value in _pairs(request)])


async def set_one(exchange: Exchange) -> Response:
    """`GET /cookies/set/{name}/{value}`."""
    return _there([_cookie(_NAME.of(exchange), _CONTENT.of(exchange))])


def delete(request: Request) -> Response:
    """`GET /cookies/delete?name`: expires each, then shows what is left."""
    gone = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    return _there([_cookie(name, "", gone) for name, _ in _pairs(request)])


def _pairs(request: Request) -> tuple[tuple[str, str], ...]:
    if len(request.query) > MOST:
        raise Refused(400, f"more than {MOST} cookies")
    return request.query


def _cookie(name: str, value: str, more: str = "") -> Field:
    if not re.fullmatch(_WORD, name) or not re.fullmatch(_VALUE, value):
        raise Refused(400, f"{name}={value}: neither is a cookie made of that (RFC 6265 4.1.1)")
    return b"set-cookie", f"{name}={value}; Path=/; HttpOnly{more}".encode()


def _there(fields: list[Field]) -> Response:
    return Response(302, ((b"location", b"/cookies"), *fields))


ROUTES = (
    Route(("GET",), "/cookies", shown, "The cookies sent", _FEATURE),
    Route(("GET",), "/cookies/set", set_many, "Sets each query parameter as a cookie", _FEATURE, (), (302,)),
    Route(
        ("GET",),
        "/cookies/set/{name}/{value}",
        set_one,
        "Sets one cookie",
        _FEATURE,
        (_NAME, _CONTENT),
        (302,),
    ),
    Route(
        ("GET",), "/cookies/delete", delete, "Deletes the cookies that the query names", _FEATURE, (), (302,)
    ),
)
