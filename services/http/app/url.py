"""`/url`: what a URL is made of, and what becomes of it, by the WHATWG standard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from services.http.app import url_names, urls
from services.http.app.content import read_all
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Text
from services.http.app.message import Response, json_response
from services.http.app.routing import Route

_LONGEST = 8_192
_FEATURE = "urls"
_URL = Text(name="url", meaning="The URL", longest=_LONGEST, shortest=0, required=True)
_BASE = Text(name="base", meaning="What a relative URL is relative to", longest=_LONGEST, default="")
_DOMAIN = Text(name="domain", meaning="A domain, in ASCII or Unicode", longest=1024, required=True)
_PATH = Text(
    name="path", meaning="An absolute POSIX path", longest=_LONGEST, default="", examples=("/etc/motd",)
)
_FILE = Text(name="url", meaning="A file URL", longest=_LONGEST, default="")
_TAKES = ("application/json",)


async def by_query(exchange: Exchange) -> Response:
    """`GET /url?url=&base=`: a URL's parts; further parameters named like parts set them, in order."""
    parts = [pair for pair in exchange.request.query if pair[0] in urls.PARTS]
    return _answer(_URL.of(exchange), exchange.request.parameter("base"), parts, [])


async def by_content(exchange: Exchange) -> Response:
    """`POST /url` with `{"url", "base"?, "set"?: {part: value}, "params"?: [[method, argument…]…]}`."""
    body = _object(await read_all(exchange))
    base, parts, steps = body.get("base"), body.get("set", {}), body.get("params", [])
    if not isinstance(body.get("url"), str) or not (base is None or isinstance(base, str)):
        raise Refused(400, "url, and base if there is one, must be strings")
    if not isinstance(parts, dict) or not _strings(list(parts.values())):
        raise Refused(400, "set must be an object of strings")
    if not isinstance(steps, list) or not all(isinstance(s, list) and s and _strings(s) for s in steps):
        raise Refused(400, "params must be a list of lists of strings: a method and its arguments")
    return _answer(body["url"], base, list(parts.items()), steps)


async def domain(exchange: Exchange) -> Response:
    """`GET /url/domain?domain=`: in ASCII and in Unicode."""
    try:
        ascii_form = url_names.to_ascii(_DOMAIN.of(exchange))
    except urls.BadURLError as error:
        raise Refused(400, str(error)) from error
    return json_response({"ascii": ascii_form, "unicode": url_names.to_unicode(ascii_form)})


async def file(exchange: Exchange) -> Response:
    """`GET /url/file?path=` gives the file URL, `GET /url/file?url=` the path."""
    path, url = _PATH.of(exchange), _FILE.of(exchange)
    if bool(path) == bool(url):
        raise Refused(400, "the query must have either path or url")
    try:
        href = url_names.file_url(path) if path else urls.parse(url).href
        return json_response({"url": href, "path": url_names.file_path(href)})
    except urls.BadURLError as error:
        raise Refused(400, str(error)) from error


def _answer(
    text: str, base: str | None, parts: Sequence[tuple[str, str]], steps: Sequence[Sequence[str]]
) -> Response:
    try:
        url = urls.parse(text, base)
        urls.change(url, parts)
        results = urls.edit(url, steps)
    except urls.BadURLError as error:
        raise Refused(400, str(error)) from error
    described = urls.describe(url)
    return json_response({**described, "results": results} if steps else described)


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the content is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused(400, "the content is no JSON object")
    return body


def _strings(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


_PARTS = tuple(
    Text(name=name, meaning=f"Sets the {name}", shortest=0, longest=_LONGEST) for name in urls.PARTS[1:]
)

ROUTES = (
    Route(("GET",), "/url", by_query, "The parts of a URL", feature=_FEATURE, inputs=(_URL, _BASE, *_PARTS)),
    Route(("POST",), "/url", by_content, "A URL, changed and edited", feature=_FEATURE, takes=_TAKES),
    Route(
        ("GET",),
        "/url/domain",
        domain,
        "A domain in ASCII and in Unicode",
        feature=_FEATURE,
        inputs=(_DOMAIN,),
    ),
    Route(
        ("GET",), "/url/file", file, "A path as a file URL, and back", feature=_FEATURE, inputs=(_PATH, _FILE)
    ),
)
