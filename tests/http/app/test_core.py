"""Who answers, the tutorial's route, the echo, and what is answered to nobody's route."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.http.app.conftest import Fetch
from tests.http.app.peer import Peer

rfc, feature = pytest.mark.rfc, pytest.mark.feature

ZHANGSAN = '[{"name":"birth","introduce":"过生日"}]'
LISI = '[{"name":"hospital","introduce":"医院复诊"}]'


@feature("index")
class TestIndex:
    """GET / is a page to browsers and JSON to programs."""

    async def test_it_says_who_answers_and_how_the_client_reached_it(self, fetch: Fetch, role: str) -> None:
        answer = await fetch("GET", "/")
        said = answer.json()
        assert answer.status == 200
        assert said["role"] == role
        assert said["protocol"] == ("HTTP/1.1" if role.startswith("http") else "HTTP/2")
        assert said["scheme"] == ("http" if role in ("http1", "h2c") else "https")

    @rfc("9110", "12.5.1")
    async def test_a_browser_gets_a_page(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/", {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert answer.value("content-type") == "text/html; charset=utf-8"
        assert answer.body.startswith(b"<!doctype html>")

    @rfc("9110", "9.3.2")
    async def test_head_says_the_same_without_content(self, fetch: Fetch) -> None:
        """HEAD is identical to GET except that the server MUST NOT send content."""
        head, get = await fetch("HEAD", "/headers"), await fetch("GET", "/headers")
        assert head.body == b""
        assert (head.status, head.value("content-type")) == (get.status, get.value("content-type"))

    @rfc("9110", "15.5.5")
    async def test_elsewhere_is_404(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/nowhere")
        assert (answer.status, answer.json()["status_code"]) == (404, 404)

    @rfc("9110", "15.5.6")
    async def test_another_method_is_405_with_allow(self, fetch: Fetch) -> None:
        """The origin server MUST generate an Allow header field in a 405 response."""
        answer = await fetch("DELETE", "/todos")
        assert answer.status == 405
        assert {"GET", "POST"} <= {word.strip() for word in (answer.value("allow") or "").split(",")}


@feature("todos")
class TestTodos:
    """GET and POST /todos answer as the tutorial does."""

    @pytest.mark.parametrize(
        ("name", "text"), [("zhangsan", ZHANGSAN), ("lisi", LISI), ("wangwu", '""'), ("", '""')]
    )
    async def test_by_query(self, fetch: Fetch, name: str, text: str) -> None:
        answer = await fetch("GET", f"/todos?name={name}")
        assert (answer.status, answer.body.decode()) == (200, text)

    async def test_by_percent_encoded_name(self, fetch: Fetch) -> None:
        assert (await fetch("GET", f"/todos?name={quote('张三')}")).body == b'""'
        assert (await fetch("GET", "/todos?name=%6cisi")).body.decode() == LISI

    async def test_by_body(self, fetch: Fetch) -> None:
        answer = await fetch("POST", "/todos", {"content-type": "application/json"}, b'{"name":"lisi"}')
        assert (answer.status, answer.body.decode()) == (200, LISI)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"name":1}', b"\xff", b"name=lisi"])
    async def test_another_body_is_400(self, fetch: Fetch, body: bytes) -> None:
        answer = await fetch("POST", "/todos", {"content-type": "application/json"}, body)
        assert answer.status == 400
        assert answer.json()["detail"]

    @rfc("9110", "15.5.14")
    async def test_a_body_past_the_limit_is_413(self, fetch: Fetch) -> None:
        assert (await fetch("POST", "/todos", {}, b'{"name":"' + b"x" * 9000 + b'"}')).status == 413


@feature("raw-utf8")
@rfc("3986", "2.5")
async def test_raw_utf8_in_the_query(peer: Peer) -> None:
    answer = await peer.fetch_raw("/anything?name=张三".encode())
    assert (answer.status, answer.json()["args"]) == (200, {"name": ["张三"]})


@feature("echo")
async def test_echo_shows_the_request_as_received(fetch: Fetch) -> None:
    answer = await fetch("PUT", "/echo?a=%41", {"x-one": "1"}, "héllo".encode())
    said = answer.json()
    assert (said["method"], said["target"], said["body"]) == ("PUT", "/echo?a=%41", "héllo")
    assert ["x-one", "1"] in [[name.lower(), value] for name, value in said["fields"]]


@feature("openapi")
async def test_the_table_as_an_openapi_document(fetch: Fetch) -> None:
    document = json.loads((await fetch("GET", "/openapi.json")).body)
    assert document["openapi"].startswith("3.")
    assert {"/", "/todos", "/status/{codes}"} <= set(document["paths"])


@feature("todos-early")
@rfc("9110", "9.3.3")
async def test_the_answer_comes_before_the_request_has_ended(peer: Peer) -> None:
    """Teaching clients write the body, and end the request only once the answer has come."""
    assert (await peer.converse("POST", "/todos", b'{"name":"lisi"}')).decode() == LISI
