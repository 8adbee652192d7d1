"""`GET /` and `/openapi.json`: the table of routes, for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlencode

from services.http.app.core import description
from services.http.app.exchange import Exchange
from services.http.app.inputs import Input
from services.http.app.message import Response, json_response, text
from services.http.app.negotiation import best_media
from services.http.app.openapi import document
from services.http.app.reflect import VERSION
from services.http.app.routing import Full, Route

_PAGE = Template((Path(__file__).with_name("samples") / "index.html").read_text(encoding="utf-8"))
_OFFERED = ("application/json", "text/html")

TITLES = {
    "dns-over-https": "DNS over HTTPS",
    "h2-session-control": "HTTP/2 session",
    "index": "This page",
    "openapi": "OpenAPI",
    "pki": "Certificate authority",
    "server-sent-events": "Server-sent events",
    "tls-names": "TLS names",
    "tls-told": "TLS",
    "urls": "URLs",
    "websocket": "WebSocket",
    "zstd": "zstd",
}
"""The features whose names do not read as titles."""

_ON_PURPOSE = ("misbehaviour", "reset-on-purpose", "upgrade", "websocket")
"""Features that a browser's link shows nothing of, or is broken by."""


def routes(table: Sequence[Route]) -> tuple[Route, ...]:
    """The routes that show `table`, and themselves."""
    shown: list[Route] = []
    own = (
        Route(
            ("GET",),
            "/",
            _index(shown),
            "Who answers, how you reached it, and what there is",
            "index",
            media=_OFFERED,
        ),
        Route(("GET",), "/openapi.json", _openapi(shown), "This table as an OpenAPI document", "openapi"),
    )
    shown.extend((*own, *table))
    return own


def _index(table: Sequence[Route]) -> Full:
    async def index(exchange: Exchange) -> Response:
        vary = (b"vary", b"accept")
        if best_media(exchange.request.value(b"accept"), _OFFERED) == "text/html":
            return text(200, _page(exchange, table), vary, media_type="text/html; charset=utf-8")
        return json_response({**description(exchange), "routes": [_row(route) for route in table]}, 200, vary)

    return index


def _openapi(table: Sequence[Route]) -> Full:
    async def openapi(_exchange: Exchange) -> Response:
        return json_response(document(table, VERSION))

    return openapi


def _row(route: Route) -> dict[str, object]:
    return {
        "methods": list(route.methods),
        "path": route.path,
        "summary": route.summary,
        "feature": route.feature,
    }


def _page(exchange: Exchange, table: Sequence[Route]) -> str:
    facts = ((name, value) for name, value in description(exchange).items() if value is not None)
    sections: dict[str, list[Route]] = {}
    for route in table:
        sections.setdefault(route.feature, []).append(route)
    return _PAGE.substitute(
        role=escape(exchange.server.role),
        facts="\n".join(f"<div><dt>{escape(name)} <dd>{escape(str(value))}</div>" for name, value in facts),
        contents="\n".join(f'<a href="#{feature}">{_title(feature)}</a>' for feature in sections),
        sections="\n".join(
            _section(feature, rows, exchange.request.version) for feature, rows in sections.items()
        ),
    )


def _title(feature: str) -> str:
    return TITLES.get(feature) or escape(feature.replace("-", " ").capitalize())


def _section(feature: str, rows: Sequence[Route], version: str) -> str:
    linked = feature not in _ON_PURPOSE and (version == "2" or feature != "h2-session-control")
    entries = "\n".join(_entry(route, example_of(route) if linked else "") for route in rows)
    return f"""<section id="{feature}">
<h2>{_title(feature)}</h2>
<ul class="routes">
{entries}
</ul>
</section>"""


def _entry(route: Route, example: str) -> str:
    path = f"<code>{escape(route.path)}</code>"
    link = f'<a href="{escape(example)}">{path}</a>' if example else path
    methods = "".join(f'<b class="{method.lower()}">{method}</b>' for method in route.methods)
    inputs = "".join(
        f'<dt class="{one.where}"><code>{escape(one.name)}</code><dd>{_words(one.meaning)}'
        for one in route.inputs
    )
    said = f'<p class="said">{_words(route.summary)}</p>' + (
        f'<dl class="inputs">{inputs}</dl>' if inputs else ""
    )
    return f'<li><div class="route"><span class="methods">{methods}</span>{link}</div>{said}'


def _words(text: str) -> str:
    """`text`, with what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _is_shown(one: Input[Any]) -> bool:
    """Whether an example says something of `one`: what is required, or empty otherwise."""
    return one.where == "path" or one.required or (one.default == "" and one.example != "")


def example_of(route: Route) -> str:
    """A target that shows the route; "" when it is none for GET, or wants what cannot be guessed."""
    values = {one.name: one.example for one in route.inputs if _is_shown(one)}
    if "GET" not in route.methods or not all(values.values()):
        return ""
    path = re.sub(r"\{(\w+)\*?\}", lambda found: values.pop(found[1]), route.path)
    return path + (f"?{urlencode(values)}" if values else "")
