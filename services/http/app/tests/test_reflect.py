"""What the client sent, shown back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from services.http.app.tests.memory import ask


async def test_the_head_in_the_shape_of_go_httpbin() -> None:
    answer = await ask("GET", "/get?a=1&a=2&b", {"X-one-TWO": "x", "x-one-two": "y"})
    assert answer.json == {
        "args": {"a": ["1", "2"], "b": [""]},
        "headers": {"Host": ["http1.wireyard.test"], "X-One-Two": ["x", "y"]},
        "method": "GET",
        "origin": "192.0.2.1",
        "url": "http://http1.wireyard.test/get?a=1&a=2&b",
    }


@pytest.mark.parametrize("path", ["/anything/http://x/y", "/anything/a://", "/anything/a://b?c=d://e"])
async def test_a_path_may_hold_what_looks_like_a_scheme(path: str) -> None:
    """RFC 3986 3.3: only a target that does not begin with a slash is in absolute-form."""
    assert (await ask("GET", path)).json["url"] == f"http://http1.wireyard.test{path}"


@pytest.mark.parametrize("target", ["http://http1.wireyard.test/get?a=1", "HTTP://http1.wireyard.test/get"])
async def test_the_absolute_form_names_the_same_resource(target: str) -> None:
    """RFC 9112 3.2.2."""
    assert (await ask("GET", target)).json["method"] == "GET"


BODIES: list[tuple[str, bytes, dict[str, Any]]] = [
    ("application/json; charset=utf-8", b'{"a":[1]}', {"data": '{"a":[1]}', "json": {"a": [1]}}),
    (
        "application/x-www-form-urlencoded",
        b"a=1&a=%C3%A9",
        {"data": "a=1&a=%C3%A9", "form": {"a": ["1", "é"]}},
    ),
    ("text/plain", "é".encode(), {"data": "é"}),
    ("application/octet-stream", b"\xff\xfe", {"data": "data:application/octet-stream;base64,__4="}),
    ("", b"hi", {"data": "data:application/octet-stream;base64,aGk="}),
    ("", b"", {"data": ""}),
]


@pytest.mark.parametrize(("media_type", "body", "said"), BODIES)
async def test_content_as_its_media_type_says(media_type: str, body: bytes, said: dict[str, Any]) -> None:
    answer = await ask("POST", "/post", {"content-type": media_type} if media_type else {}, body)
    expected = {"data": "", "files": {}, "form": {}, "json": None, **said}
    assert {name: answer.json[name] for name in expected} == expected


async def test_a_multipart_form() -> None:
    """RFC 7578."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="who"\r\n\r\nlisi\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n'
    )
    answer = await ask("POST", "/anything/form", {"content-type": "multipart/form-data; boundary=x"}, body)
    assert answer.json["form"] == {"who": ["lisi"]}
    assert answer.json["files"] == {"file": ["hello"]}


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"NaN"),
        ("application/json", b"[" * 100_000),
        ("multipart/form-data", b"x"),
        ("application/x-www-form-urlencoded", b"&".join([b"a"] * 1001)),
    ],
)
async def test_malformed_content_is_answered_400(media_type: str, body: bytes) -> None:
    assert (await ask("POST", "/post", {"content-type": media_type}, body)).status == 400


async def test_content_past_the_limit_is_answered_413() -> None:
    assert (await ask("POST", "/post", {}, bytes(1024 * 1024 + 1))).status == 413


async def test_the_request_as_text() -> None:
    answer = await ask("POST", "/dump/request?x", {"host": "a.test", "content-type": "text/plain"}, b"hello")
    assert (
        answer.body
        == b"POST /dump/request?x HTTP/1.1\r\nhost: a.test\r\ncontent-type: text/plain\r\n\r\nhello"
    )


async def test_only_demonstration_variables_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREYARD_DEMO_COLOUR", "red")
    monkeypatch.setenv("WIREYARD_SECRET", "no")
    assert (await ask("GET", "/env")).json == {"env": {"WIREYARD_DEMO_COLOUR": "red"}}


async def test_the_index_is_a_page_to_browsers_and_json_to_programs() -> None:
    page = await ask("GET", "/", {"accept": "text/html,*/*;q=0.8"})
    assert page.value("content-type") == "text/html; charset=utf-8"
    assert b"/digest-auth/" in page.body
    assert b'<a href="/status/200"><code>/status/{codes}</code></a>' in page.body
    subjects = re.findall(rb'<section id="([^"]+)"', page.body)
    assert subjects == re.findall(rb'<a href="#([^"]+)"', page.body)
    assert len(subjects) == len(set(subjects))
    answer = await ask("GET", "/", {"accept": "*/*"})
    assert answer.json["role"] == "http1"
    assert {"/", "/openapi.json"} <= {row["path"] for row in answer.json["routes"]}


async def test_the_page_escapes_what_the_client_chose() -> None:
    answer = await ask("GET", "/anything?<script>", {"x": "<b>"})
    assert json.loads(answer.body)["args"] == {"<script>": [""]}
    assert b"<script>" not in (await ask("GET", "/", {"accept": "text/html", "host": "<script>"})).body
