"""What the client sent, shown back; credentials and cookies."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import pytest

from tests.http.app.conftest import Fetch

rfc, feature = pytest.mark.rfc, pytest.mark.feature


@feature("inspection")
class TestInspection:
    """httpbin's mirrors, in the shape of go-httpbin."""

    async def test_the_head(self, fetch: Fetch, role: str) -> None:
        said = (await fetch("GET", "/get?a=1&a=2", {"x-probe": "yes"})).json()
        assert set(said) == {"args", "headers", "method", "origin", "url"}
        assert (said["args"], said["headers"]["X-Probe"]) == ({"a": ["1", "2"]}, ["yes"])
        assert said["url"].startswith("http://" if role in ("http1", "h2c") else "https://")

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    async def test_the_content(self, fetch: Fetch, method: str) -> None:
        said = (
            await fetch(method, f"/{method.lower()}", {"content-type": "application/json"}, b'{"a":1}')
        ).json()
        assert (said["method"], said["json"], said["data"]) == (method, {"a": 1}, '{"a":1}')

    async def test_a_form(self, fetch: Fetch) -> None:
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert (await fetch("POST", "/anything/x", form, b"who=lisi")).json()["form"] == {"who": ["lisi"]}

    async def test_binary_content_is_a_data_url(self, fetch: Fetch) -> None:
        said = (await fetch("POST", "/post", {"content-type": "image/png"}, b"\x89PNG")).json()
        assert said["data"] == "data:image/png;base64,iVBORw=="

    async def test_malformed_content_is_400(self, fetch: Fetch) -> None:
        assert (await fetch("POST", "/post", {"content-type": "application/json"}, b"{")).status == 400

    @rfc("9110", "15.5.14")
    async def test_content_past_the_limit_is_413(self, fetch: Fetch) -> None:
        assert (await fetch("POST", "/post", {}, bytes(1024 * 1024 + 1))).status == 413

    @pytest.mark.parametrize(
        ("path", "name"),
        [("/headers", "headers"), ("/ip", "origin"), ("/user-agent", "user-agent"), ("/env", "env")],
    )
    async def test_the_small_mirrors(self, fetch: Fetch, path: str, name: str) -> None:
        assert name in (await fetch("GET", path)).json()

    async def test_the_request_as_text(self, fetch: Fetch) -> None:
        lines = (await fetch("POST", "/dump/request", {"x-a": "b"}, b"hello")).body.decode().split("\r\n")
        assert lines[0].startswith("POST /dump/request HTTP/")
        assert lines[-2:] == ["", "hello"]


@feature("authentication")
class TestAuthentication:
    """Challenges, and answers to them."""

    @rfc("7617", "2")
    async def test_basic(self, fetch: Fetch) -> None:
        refused = await fetch("GET", "/basic-auth/jane/secret")
        assert refused.status == 401
        assert (refused.value("www-authenticate") or "").startswith("Basic realm=")
        right = {"authorization": "Basic " + b64encode(b"jane:secret").decode()}
        answer = await fetch("GET", "/basic-auth/jane/secret", right)
        assert answer.json() == {"authenticated": True, "user": "jane", "authorized": True}

    async def test_hidden_basic_is_404_to_strangers(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/hidden-basic-auth/jane/secret")).status == 404

    @rfc("6750", "3")
    async def test_bearer(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/bearer")).status == 401
        assert (await fetch("GET", "/bearer", {"authorization": "Bearer t"})).json()["token"] == "t"

    @rfc("7616", "3.4.1")
    @pytest.mark.parametrize(("name", "hashing"), [("MD5", hashlib.md5), ("SHA-256", hashlib.sha256)])
    async def test_digest(self, fetch: Fetch, name: str, hashing: type) -> None:
        path = f"/digest-auth/auth/jane/secret/{name.lower()}"
        challenge = (await fetch("GET", path)).value("www-authenticate") or ""
        asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

        def hashed(*words: str) -> str:
            return str(hashing(":".join(words).encode()).hexdigest())

        first, second = hashed("jane", asked["realm"], "secret"), hashed("GET", path)
        response = hashed(first, asked["nonce"], "00000001", "c", "auth", second)
        given = (
            f'Digest username="jane", realm="{asked["realm"]}", nonce="{asked["nonce"]}", uri="{path}", '
            f'algorithm={name}, qop=auth, nc=00000001, cnonce="c", response="{response}"'
        )
        assert (await fetch("GET", path, {"authorization": given})).status == 200
        wrong = given.replace(response, hashed("x"))
        assert (await fetch("GET", path, {"authorization": wrong})).status == 401


@feature("cookies")
class TestCookies:
    """RFC 6265."""

    @rfc("6265", "4.2")
    async def test_shown(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/cookies", {"cookie": "a=1; b=2"})).json() == {"a": "1", "b": "2"}

    @rfc("6265", "4.1")
    async def test_set_and_deleted(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/cookies/set?a=1&b=2")
        assert (answer.status, answer.value("location")) == (302, "/cookies")
        assert [value.partition(";")[0] for value in answer.values("set-cookie")] == ["a=1", "b=2"]
        gone = (await fetch("GET", "/cookies/delete?a")).value("set-cookie") or ""
        assert "max-age=0" in gone.lower()
