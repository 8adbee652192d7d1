"""`/todos`: what each person has to do. The route that teaching clients, and the benchmarks, ask for."""

from __future__ import annotations

import json
from functools import lru_cache

from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
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


async def by_body(exchange: Exchange) -> Response:
    """`POST /todos` with `{"name": …}`, answered as soon as the JSON object is complete.

    Teaching clients end the request only once the answer has come, so its end is not waited for.
    """
    body = b""
    while piece := await exchange.receive():
        body += piece
        if len(body) > BODY_LIMIT:
            raise Refused(413, f"the body is larger than {BODY_LIMIT} bytes")
        if body.rstrip().endswith(b"}") and (complete := _parse(body)) is not None:
            return _by_value(complete)
    raise Refused(400, f"the body is not a JSON object: {body[:80].decode('utf-8', 'replace')!r}")


def _parse(body: bytes) -> object | None:
    """The JSON value, or None while it is not whole."""
    try:
        value: object = json.loads(body)
        return value
    except (ValueError, RecursionError):
        return None


def _by_value(value: object) -> Response:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise Refused(400, 'the body is not a JSON object with a string "name"')
    return _RESPONSES.get(value["name"], _NOBODY)
