"""The OpenAPI 3.1 document of a table of routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.http.app.routing import Route

_PROBLEM = {
    "type": "object",
    "required": ["status_code", "error", "detail"],
    "properties": {
        "status_code": {"type": "integer"},
        "error": {"type": "string"},
        "detail": {"type": "string"},
    },
}


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The whole document, as JSON's types."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        item = paths.setdefault(route.path.replace("*}", "}"), {})
        for method in route.methods:
            item[method.lower()] = _operation(route, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wireyard",
            "version": version,
            "description": "What every HTTP role of the yard answers, over HTTP/1.1 and HTTP/2 alike.",
        },
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


def _operation(route: Route, method: str) -> dict[str, Any]:
    name = route.path.strip("/").replace("/", "_").translate(str.maketrans("", "", "{}*.")) or "index"
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{name.replace('-', '_')}",
        "summary": route.summary,
        "tags": [route.feature],
        "responses": _responses(route),
    }
    if route.inputs:
        operation["parameters"] = [_parameter(one) for one in route.inputs]
    if route.takes and method != "GET":
        operation["requestBody"] = {"content": {media: {} for media in route.takes}}
    return operation


def _parameter(one: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": one.where,
        "required": one.where == "path" or one.required,
        "description": one.meaning,
        "schema": one.schema,
    }


def _responses(route: Route) -> dict[str, Any]:
    content: dict[str, Any] = {media: {} for media in route.media}
    said = {"description": route.summary, **({"content": content} if content else {})}
    if not route.statuses:
        return {"default": {"description": route.summary}}
    answers = {str(status): said if status < 300 else _other(status) for status in route.statuses}
    return {**answers, "4XX": {"description": "What was wrong", "content": _PROBLEM_CONTENT}}


def _other(status: int) -> dict[str, Any]:
    return {"description": "See RFC 9110 15" if status < 400 else "What was wrong"}


_PROBLEM_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
