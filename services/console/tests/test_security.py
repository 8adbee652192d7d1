"""A foreign page learns nothing and moves nothing: Host, Origin and the policy are held to."""

from __future__ import annotations

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.console.security import HEADERS, Guard


async def _served(_request: Request) -> Response:
    return PlainTextResponse("served")


APP = Starlette(
    routes=[Route("/", _served, methods=["GET", "POST"])],
    middleware=[Middleware(Guard, hosts=["127.0.0.1", "localhost"])],
)


async def ask(method: str, **headers: str) -> tuple[int, str]:
    async with AsyncClient(transport=ASGITransport(APP), base_url="http://127.0.0.1:7790") as client:
        answer = await client.request(method, "/", headers=headers)
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
    return answer.status_code, answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:7790", "localhost:7790", "localhost"])
async def test_the_page_is_served_under_its_own_names(host: str) -> None:
    assert await ask("GET", Host=host) == (200, "served")


@pytest.mark.parametrize("host", ["evil.example:7790", "127.0.0.1.evil.example", "", "[::1]evil"])
async def test_a_foreign_host_is_misdirected(host: str) -> None:
    status, _words = await ask("GET", Host=host)
    assert status == 421


async def test_the_page_itself_may_act() -> None:
    assert await ask("POST", Origin="http://127.0.0.1:7790") == (200, "served")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:7790", "http://127.0.0.1:1"]
)
async def test_a_foreign_origin_may_not_act(origin: str) -> None:
    status, _words = await ask("POST", Origin=origin)
    assert status == 403


async def test_no_origin_may_not_act_either() -> None:
    status, _words = await ask("POST")
    assert status == 403
