"""Redirections (RFC 9110 15.4) and pages of links."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Choice, Text, Whole
from services.http.app.message import Response, text
from services.http.app.routing import Route

MOST = 20
_TIMES = Whole(name="n", where="path", meaning="How many redirections", low=1, high=MOST)
_ABSOLUTE = Choice(
    name="absolute", meaning="Whether locations are absolute", words=("true", "false"), default="false"
)
_URL = Text(name="url", meaning="Where to", required=True, examples=("/get",))
_STATUS = Whole(name="status_code", meaning="The status", low=300, high=399, default=302)
_LINKS = Whole(name="n", where="path", meaning="How many links", low=0, high=256)
_OFFSET = Whole(name="offset", where="path", meaning="The page you are on", low=0, high=256)
_FEATURE = "redirects"
_ANY = ("GET", "POST", "PUT", "DELETE", "PATCH")


async def redirect(exchange: Exchange) -> Response:
    """`/redirect/{n}`, relative unless asked otherwise."""
    return _step(exchange, absolute=_ABSOLUTE.of(exchange) == "true")


async def relative(exchange: Exchange) -> Response:
    """`/relative-redirect/{n}`."""
    return _step(exchange, absolute=False)


async def absolute(exchange: Exchange) -> Response:
    """`/absolute-redirect/{n}`."""
    return _step(exchange, absolute=True)


def _step(exchange: Exchange, *, absolute: bool) -> Response:
    left = _TIMES.of(exchange) - 1
    path = f"/{'absolute' if absolute else 'relative'}-redirect/{left}" if left else "/get"
    request = exchange.request
    return _to(f"{request.scheme}://{request.authority}{path}" if absolute else path)


async def redirect_to(exchange: Exchange) -> Response:
    """`/redirect-to?url=`: within the yard and this host only, so that nobody is sent astray from here."""
    url, status = _URL.of(exchange), _STATUS.of(exchange)
    host = _host(url)
    if host and not _allowed(exchange, host):
        raise Refused(403, f"{host} is not a name of this yard")
    return _to(url, status)


def _host(url: str) -> str | None:
    """The host that `url` names, None for a path. Raises Refused for what browsers find another host in.

    RFC 3986 reads `///host` and `https:host` as paths; the WHATWG, and with it every browser, does not.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise Refused(400, f"url={url!r}: {error}") from None
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused(400, f"url={url!r} is not a URI reference")
    if (not host and (parts.scheme or url.startswith("//"))) or parts.scheme not in ("", "http", "https"):
        raise Refused(400, f"url={url!r} is neither a path nor an http or https URL with a host")
    return host


def _allowed(exchange: Exchange, host: str) -> bool:
    own = urlsplit(f"//{exchange.request.authority}").hostname
    return host in (own, "localhost", "127.0.0.1", "::1") or host.endswith(".wireyard.test")


def _to(location: str, status: int = 302) -> Response:
    return Response(status, ((b"location", location.encode()),))


async def links(exchange: Exchange) -> Response:
    """`/links/{n}`: to its first page."""
    return _to(f"/links/{_LINKS.of(exchange)}/0")


async def links_page(exchange: Exchange) -> Response:
    """`/links/{n}/{offset}`: links to the other pages."""
    count, here = _LINKS.of(exchange), _OFFSET.of(exchange)
    items = (f"{i}" if i == here else f'<a href="/links/{count}/{i}">{i}</a>' for i in range(count))
    page = f"<!doctype html><html lang=en><title>Links</title><body>{' '.join(items)}</body></html>"
    return text(200, page, media_type="text/html; charset=utf-8")


ROUTES = (
    Route(("GET",), "/redirect/{n}", redirect, "n redirections", _FEATURE, (_TIMES, _ABSOLUTE), (302,)),
    Route(
        ("GET",), "/relative-redirect/{n}", relative, "n relative redirections", _FEATURE, (_TIMES,), (302,)
    ),
    Route(
        ("GET",), "/absolute-redirect/{n}", absolute, "n absolute redirections", _FEATURE, (_TIMES,), (302,)
    ),
    Route(
        _ANY,
        "/redirect-to",
        redirect_to,
        "One redirection, to a place within the yard",
        _FEATURE,
        (_URL, _STATUS),
        tuple(range(300, 400)),
    ),
    Route(
        ("GET",),
        "/links/{n}",
        links,
        "To the first of n pages that link each other",
        _FEATURE,
        (_LINKS,),
        (302,),
    ),
    Route(
        ("GET",),
        "/links/{n}/{offset}",
        links_page,
        "One such page",
        _FEATURE,
        (_LINKS, _OFFSET),
        media=("text/html",),
    ),
)
