"""What holds for every row of the table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from services.http.app.index import example_of
from services.http.app.openapi import document
from services.http.app.routes import ROUTER, ROUTES
from services.http.app.routing import Match, Route
from services.http.app.tests.memory import ask

# A value for every variable of every path.
EXAMPLES = {
    "algorithm": "sha-256",
    "codes": "200",
    "data": "aGk=",
    "etag": "abc",
    "fault": "truncated",
    "file": "ca.pem",
    "kind": "png",
    "n": "3",
    "name": "a",
    "offset": "1",
    "operation": "encode",
    "password": "secret",
    "qop": "auth",
    "request": "aGk=",
    "rest": "a/b",
    "seconds": "0",
    "status": "103",
    "statuses": "102,103",
    "user": "jane",
    "value": "1",
}
_QUERIES = {
    "/redirect-to": "?url=/get",
    "/dns-query": "?dns=d3cBAAABAAAAAAAABWh0dHAxCHdpcmV5YXJkBHRlc3QAAAEAAQ",
    "/drip": "?duration=0",
    "/sse": "?duration=0",
    "/todos": "?name=lisi",
    "/unstable": "?seed=1",
    "/url": "?url=https://example.com/",
    "/url/domain": "?domain=example.com",
    "/url/file": "?path=/tmp",
}

# Content for the rows that take another kind than a name.
_CONTENT = {
    "/dns-query": (
        "application/dns-message",
        bytes.fromhex("7777010000010000000000000161047465737400000100 01"),
    ),
    "/url": ("application/json", b'{"url":"https://example.com/"}'),
}


def target(route: Route) -> str:
    path = re.sub(r"\{(\w+)\*?\}", lambda found: EXAMPLES[found[1]], route.path)
    return (
        path.replace("truncated", "garbage") if "status-line" in path else path + _QUERIES.get(route.path, "")
    )


def by_path(route: Route) -> str:
    return f"{route.methods[0]} {route.path}"


@pytest.mark.parametrize("route", ROUTES, ids=by_path)
def test_each_row_is_reached_by_its_own_path(route: Route) -> None:
    found = ROUTER.match(route.methods[0], target(route).partition("?")[0])
    assert isinstance(found, Match)
    assert found.route is route


@pytest.mark.parametrize("route", [row for row in ROUTES if not row.path.startswith("/wire")], ids=by_path)
async def test_each_row_answers_with_a_status_and_a_media_type_that_it_documents(route: Route) -> None:
    media_type, body = _CONTENT.get(route.path, ("application/json", b'{"name":"lisi"}'))
    body = body if route.takes else b""
    fields = {"content-type": media_type} if body else {}
    answer = await ask(route.methods[0], target(route), fields, body)
    assert answer.done
    assert answer.status in route.statuses or not route.statuses
    media_type = (answer.value("content-type") or "").partition(";")[0]
    assert media_type in (*route.media, "") or not route.media or answer.status >= 400


@pytest.mark.parametrize("route", [row for row in ROUTES if "GET" in row.methods], ids=by_path)
async def test_head_is_answered_wherever_get_is(route: Route) -> None:
    if route.path.startswith("/wire"):
        return
    assert (await ask("HEAD", target(route))).status == (await ask("GET", target(route))).status


@pytest.mark.parametrize(
    "route",
    [row for row in ROUTES if example_of(row) and not row.path.startswith(("/wire", "/hidden"))],
    ids=by_path,
)
async def test_each_example_on_the_page_is_understood(route: Route) -> None:
    """Challenges, and what this exchange in memory cannot do, are answers too."""
    assert (await ask("GET", example_of(route))).status not in (400, 404, 405)


@pytest.mark.parametrize("route", ROUTES, ids=by_path)
def test_each_variable_of_a_path_is_documented(route: Route) -> None:
    assert {one.name for one in route.inputs if one.where == "path"} == set(
        re.findall(r"\{(\w+)\*?\}", route.path)
    )


def test_no_two_rows_answer_the_same_request() -> None:
    pairs = [(method, route.path) for route in ROUTES for method in route.methods]
    assert len(pairs) == len(set(pairs))


def operations() -> list[dict[str, Any]]:
    paths = document(ROUTES, "1")["paths"]
    return [operation for item in paths.values() for operation in item.values()]


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for operation in operations()]
    assert sorted(set(ids)) == sorted(ids)


def test_every_operation_says_what_it_answers() -> None:
    assert all(operation["responses"] and operation["summary"] for operation in operations())


def test_every_feature_of_a_row_is_in_the_contract() -> None:
    contract = (Path(__file__).parents[2] / "CONTRACT.md").read_text(encoding="utf-8")
    assert {route.feature for route in ROUTES} <= set(re.findall(r"^\| `([\w-]+)`", contract, re.MULTILINE))
