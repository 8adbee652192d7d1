"""Cookies, redirections, statuses and fields that the client chooses."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from services.http.app.message import problem
from services.http.app.tests.memory import ask


async def test_the_cookies_sent_are_shown() -> None:
    assert (await ask("GET", "/cookies", {"cookie": 'a=1; b="2"; a=3; junk'})).json == {"a": "1", "b": "2"}


async def test_cookies_are_set_and_deleted() -> None:
    answer = await ask("GET", "/cookies/set?a=1&b=2")
    assert (answer.status, answer.value("location")) == (302, "/cookies")
    assert answer.values("set-cookie") == ["a=1; Path=/; HttpOnly", "b=2; Path=/; HttpOnly"]
    assert (await ask("GET", "/cookies/set/a/1")).values("set-cookie") == ["a=1; Path=/; HttpOnly"]
    assert "Max-Age=0" in ((await ask("GET", "/cookies/delete?a")).value("set-cookie") or "")


@pytest.mark.parametrize(
    "query", ["a%20b=1", "a=1%3B2", "a=%0d%0ax", "=1", "a=%C3%A9", "&".join(f"c{i}" for i in range(65))]
)
async def test_what_is_no_cookie_is_refused(query: str) -> None:
    """RFC 6265 4.1.1."""
    assert (await ask("GET", f"/cookies/set?{query}")).status == 400


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/redirect/1", "/get"),
        ("/redirect/3", "/relative-redirect/2"),
        ("/redirect/3?absolute=true", "http://http1.wireyard.test/absolute-redirect/2"),
        ("/relative-redirect/2", "/relative-redirect/1"),
        ("/absolute-redirect/1", "http://http1.wireyard.test/get"),
        ("/links/3", "/links/3/0"),
        ("/redirect-to?url=/get%3Fa%3D1", "/get?a=1"),
        ("/redirect-to?url=https://h2.wireyard.test/", "https://h2.wireyard.test/"),
    ],
)
async def test_redirections(path: str, location: str) -> None:
    answer = await ask("GET", path)
    assert (answer.status, answer.value("location")) == (302, location)


async def test_the_status_of_a_redirection() -> None:
    assert (await ask("POST", "/redirect-to?url=/get&status_code=307")).status == 307


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/redirect/0", 400),
        ("/redirect/21", 400),
        ("/redirect/x", 400),
        ("/redirect-to", 400),
        ("/redirect-to?url=/get&status_code=200", 400),
        ("/redirect-to?url=/a%0d%0ab", 400),
        ("/redirect-to?url=http://%5Bx/", 400),
        ("/redirect-to?url=//evil.example/", 403),
        ("/redirect-to?url=https://evil.example/", 403),
        ("/redirect-to?url=/%5Cevil.example/", 400),
        ("/redirect-to?url=https://wireyard.test.evil.example/", 403),
        ("/redirect-to?url=///evil.example/", 400),
        ("/redirect-to?url=https:evil.example", 400),
        ("/redirect-to?url=https:/evil.example", 400),
        ("/redirect-to?url=javascript:alert(1)", 400),
        ("/links/257", 400),
    ],
)
async def test_redirections_refused(path: str, status: int) -> None:
    assert (await ask("GET", path)).status == status


@pytest.mark.parametrize("code", [200, 204, 205, 304, 401, 405, 407, 418, 426, 503, 599])
async def test_any_status_can_be_ordered(code: int) -> None:
    assert (await ask("GET", f"/status/{code}")).status == code


@pytest.mark.parametrize("code", ["100", "199", "600", "x", "200:", "200,", "200:0", "200:0,404:0", "-200"])
async def test_what_is_no_final_status_is_refused(code: str) -> None:
    assert (await ask("GET", f"/status/{code}")).status == 400


@pytest.mark.parametrize(
    ("code", "phrase"),
    [(413, "Content Too Large"), (416, "Range Not Satisfiable"), (422, "Unprocessable Content")],
)
async def test_phrases_are_those_of_rfc_9110(code: int, phrase: str) -> None:
    """Python's own table kept those of RFC 7231 until 3.13."""
    assert (await ask("GET", f"/status/{code}")).body == phrase.encode()
    assert json.loads(problem(code, "").body)["error"] == phrase


@pytest.mark.parametrize("code", [300, 308])
async def test_a_choice_and_a_permanent_move_lead_to_an_image(code: int) -> None:
    assert (await ask("GET", f"/status/{code}")).value("location") == "/image/jpeg"


async def test_406_says_what_there_is() -> None:
    told = (await ask("GET", "/status/406")).json
    assert told["message"]
    assert "image/webp" in told["accept"]


async def test_a_connection_field_stays_off_http2() -> None:
    """RFC 9113 8.2.2."""
    assert (await ask("GET", "/status/426", version="2")).value("connection") is None
    assert (await ask("GET", "/status/426")).value("connection") == "upgrade"


async def test_statuses_by_weight() -> None:
    seen = Counter([(await ask("GET", f"/status/200:9,503:1?seed={seed}")).status for seed in range(300)])
    assert 0 < seen[503] < seen[200]


async def test_unstable_repeats_itself_by_seed() -> None:
    first = [(await ask("GET", f"/unstable?seed={seed}")).status for seed in range(50)]
    again = [(await ask("GET", f"/unstable?seed={seed}")).status for seed in range(50)]
    assert first == again
    assert set(first) == {200, 500}
    assert (await ask("GET", "/unstable?failure_rate=1")).status == 500


async def test_fields_of_the_clients_choice() -> None:
    answer = await ask("GET", "/response-headers?X-A=1&X-A=2")
    assert answer.values("x-a") == ["1", "2"]
    assert answer.json["X-A"] == ["1", "2"]


async def test_markup_does_not_survive_in_the_content() -> None:
    answer = await ask("GET", "/response-headers?content-type=text/html&x=%3Cscript%3E")
    assert answer.value("content-type") == "text/html"
    assert b"<" not in answer.body
    assert json.loads(answer.body)["x"] == ["<script>"]


@pytest.mark.parametrize(
    "query",
    [
        "a%0d%0ab=1",
        "a=1%0d%0ab",
        "=1",
        "a b=1",
        "content-length=5",
        "Transfer-Encoding=chunked",
        "a=%20x",
        "a=%00",
    ],
)
@pytest.mark.parametrize("path", ["/response-headers", "/trailers"])
async def test_fields_that_would_break_the_message_are_refused(path: str, query: str) -> None:
    assert (await ask("GET", f"{path}?{query}")).status == 400


async def test_trailers_are_announced_and_sent() -> None:
    """RFC 9110 6.6.2."""
    answer = await ask("GET", "/trailers?X-Sum=1&X-Sum=2")
    assert answer.value("trailer") == "X-Sum"
    assert answer.trailing == ((b"X-Sum", b"1"), (b"X-Sum", b"2"))
    assert answer.json["method"] == "GET"


@pytest.mark.parametrize("name", ["Authorization", "Content-Type", "Set-Cookie", "Host", "Content-Range"])
async def test_fields_that_must_come_first_are_no_trailers(name: str) -> None:
    """RFC 9110 6.5.1."""
    assert (await ask("GET", f"/trailers?{name}=x")).status == 400
