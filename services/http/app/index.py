"""`GET /` and `/openapi.json`: the table of routes, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template

from services.http.app.core import description
from services.http.app.exchange import Exchange
from services.http.app.message import Response, json_response, text
from services.http.app.negotiation import best_media
from services.http.app.openapi import document
from services.http.app.reflect import VERSION
from services.http.app.routing import Full, Route

_PAGE = Template((Path(__file__).with_name("samples") / "index.html").read_text(encoding="utf-8"))
_OFFERED = ("application/json", "text/html")


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
    sections = groupby(table, key=lambda route: route.feature)
    return _PAGE.substitute(
        role=escape(exchange.server.role),
        facts="\n".join(f"<dt>{escape(name)}<dd>{escape(str(value))}" for name, value in facts),
        sections="\n".join(_section(feature, list(rows)) for feature, rows in sections),
    )


def _section(feature: str, rows: Sequence[Route]) -> str:
    return (
        f"<h2>{escape(feature.replace('-', ' ').capitalize())}</h2>\n<dl>\n"
        + "\n".join(map(_entry, rows))
        + "\n</dl>"
    )


def _entry(route: Route) -> str:
    path, methods = escape(route.path), " ".join(route.methods)
    plain = "GET" in route.methods and "{" not in route.path and not route.path.startswith("/wire")
    link = f'<a href="{path}">{path}</a>' if plain else path
    inputs = "".join(f"<li><code>{escape(one.name)}</code> {escape(one.meaning)}" for one in route.inputs)
    said = escape(route.summary) + (f"<ul>{inputs}</ul>" if inputs else "")
    return f"<dt><b>{methods}</b> <code>{link}</code><dd>{said}"
