"""`/todos`: what each person has to do. The route that teaching clients, and the benchmarks, ask for."""

from __future__ import annotations

import json
from functools import lru_cache

from services.http.app.content import OfContent
from services.http.app.errors import Refused
from services.http.app.message import Request, Response, json_response

BODY_LIMIT = 8 * 1024
TAKES = ("application/json",)

_TODOS: dict[str, object] = {
    "zhangsan": [{"name": "birth", "introduce": "过生日"}],
    "lisi": [{"name": "hospital", "introduce": "医院复诊"}],
}
_RESPONSES = {name: json_response(todo) for name, todo in _TODOS.items()}
_NOBODY = json_response("")


def by_query(request: Request) -> Response:
    """`GET /todos?name=zhangsan`: that person's list, or `""`."""
    return _RESPONSES.get(_name(request.target), _NOBODY)


@lru_cache(maxsize=1024)
def _name(target: bytes) -> str:
    return Request("GET", target, "1.1", "http", "", ()).parameter("name") or ""


def _by_body(_request: Request, body: bytes) -> Response | None:
    if not body.rstrip().endswith(b"}") or (complete := _parse(body)) is None:
        return None
    return _by_value(complete)


by_body = OfContent(_by_body, BODY_LIMIT, "a JSON object")
"""`POST /todos` with `{"name": …}`, answered as soon as the JSON object is complete.

Teaching clients end the request only once the answer has come, so its end is not waited for.
"""


def _parse(body: bytes) -> object | None:
    """The JSON value, which is UTF-8 (RFC 8259 8.1), or None while it is not whole."""
    try:
        value: object = json.loads(body.decode())
        return value
    except (ValueError, RecursionError):
        return None


def _by_value(value: object) -> Response:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise Refused(400, 'the body is not a JSON object with a string "name"')
    return _RESPONSES.get(value["name"], _NOBODY)
