"""Redirections, statuses, fields, codings and samples."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from tests.http.app.conftest import Fetch

rfc, feature = pytest.mark.rfc, pytest.mark.feature


def unzstd(content: bytes) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader(content).read()


CODINGS: list[tuple[str, str, Callable[[bytes], bytes]]] = [
    ("gzip", "gzip", gzip.decompress),
    ("deflate", "deflate", zlib.decompress),
    ("brotli", "br", brotli.decompress),
]


@feature("redirects")
class TestRedirects:
    """RFC 9110 15.4."""

    @rfc("9110", "15.4.3")
    async def test_the_way_of_three_redirections(self, fetch: Fetch) -> None:
        path, steps = "/redirect/3", 0
        while (answer := await fetch("GET", path)).status == 302:
            path, steps = answer.value("location") or "", steps + 1
        assert (steps, path, answer.status) == (3, "/get", 200)

    @rfc("9110", "10.2.2")
    async def test_absolute_locations_name_the_authority_asked(self, fetch: Fetch, role: str) -> None:
        location = (await fetch("GET", "/absolute-redirect/1")).value("location") or ""
        assert location.startswith(
            ("http://" if role in ("http1", "h2c") else "https://") + f"{role}.wireyard.test"
        )

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/",
            "//evil.example/",
            "///evil.example/",
            "/%5Cevil.example/",
            "https:evil.example",
            "https:/evil.example/",
            "http://http1.wireyard.test@evil.example/",
            "%09//evil.example/",
            "javascript:alert(1)",
        ],
    )
    async def test_nobody_is_sent_out_of_the_yard(self, fetch: Fetch, url: str) -> None:
        """Neither by the rules of RFC 3986 nor by those of the WHATWG, which browsers follow."""
        assert (await fetch("GET", f"/redirect-to?url={url}")).status in (400, 403)

    async def test_a_place_within_the_yard_is_gone_to(self, fetch: Fetch) -> None:
        answer = await fetch("GET", "/redirect-to?url=/get&status_code=307")
        assert (answer.status, answer.value("location")) == (307, "/get")


@feature("statuses")
class TestStatuses:
    """RFC 9110 15."""

    @pytest.mark.parametrize("code", [200, 201, 204, 205, 304, 400, 401, 404, 405, 418, 500, 503, 599])
    async def test_to_order(self, fetch: Fetch, code: int) -> None:
        assert (await fetch("GET", f"/status/{code}")).status == code

    @rfc("9110", "15.5.2")
    async def test_401_carries_a_challenge(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/status/401")).value("www-authenticate")

    @rfc("9110", "15.3.5")
    @pytest.mark.parametrize("code", [204, 304])
    async def test_no_content_where_there_can_be_none(self, fetch: Fetch, code: int) -> None:
        answer = await fetch("POST", f"/status/{code}", {}, b"x")
        assert (answer.status, answer.body) == (code, b"")

    async def test_by_weight_and_seed(self, fetch: Fetch) -> None:
        seen = [(await fetch("GET", f"/status/200:1,503:1?seed={seed}")).status for seed in range(10)]
        assert set(seen) == {200, 503}

    async def test_unstable(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/unstable?failure_rate=1")).status == 500
        assert (await fetch("GET", "/unstable?failure_rate=0")).status == 200

    @pytest.mark.parametrize("path", ["/status/99", "/status/x", "/bytes/x", "/redirect/0", "/delay/99"])
    async def test_what_is_out_of_bounds_is_400(self, fetch: Fetch, path: str) -> None:
        answer = await fetch("GET", path)
        assert (answer.status, answer.json()["error"]) == (400, "Bad Request")


@feature("response-fields")
class TestResponseFields:
    """RFC 9110 5."""

    @rfc("9110", "5.3")
    async def test_repeated_fields_keep_their_order(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/response-headers?x-a=1&x-a=2")).values("x-a") == ["1", "2"]

    @rfc("9110", "5.5")
    async def test_a_field_that_would_break_the_message_is_refused(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/response-headers?x-a=1%0d%0ax-b:2")).status == 400


@feature("response-trailers")
@rfc("9110", "6.5")
async def test_trailers_are_announced_and_sent(fetch: Fetch) -> None:
    answer = await fetch("GET", "/trailers?x-sum=42", {"te": "trailers"})
    assert answer.value("trailer") == "x-sum"
    assert answer.trailers == (("x-sum", "42"),)


@feature("content-codings")
class TestContentCodings:
    """RFC 9110 8.4."""

    @rfc("9110", "8.4.1")
    @pytest.mark.parametrize(("path", "coding", "decode"), CODINGS, ids=[row[1] for row in CODINGS])
    async def test_coded(
        self, fetch: Fetch, path: str, coding: str, decode: Callable[[bytes], bytes]
    ) -> None:
        answer = await fetch("GET", f"/{path}")
        assert answer.value("content-encoding") == coding
        assert json.loads(decode(answer.body))["method"] == "GET"

    @rfc("9110", "12.5.3")
    @pytest.mark.parametrize(
        ("accepted", "coding"),
        [
            ("gzip", "gzip"),
            ("br;q=0.5, gzip;q=0.4", "br"),
            ("gzip;q=0", None),
            ("identity", None),
            ("", None),
        ],
    )
    async def test_negotiated(self, fetch: Fetch, accepted: str, coding: str | None) -> None:
        answer = await fetch("GET", "/coding", {"accept-encoding": accepted})
        assert (answer.value("content-encoding"), answer.value("vary")) == (coding, "accept-encoding")

    @rfc("9110", "8.4")
    async def test_taken_off_requests(self, fetch: Fetch) -> None:
        fields = {"content-encoding": "gzip", "content-type": "application/json"}
        answer = await fetch("POST", "/post", fields, gzip.compress(b'{"a":1}'))
        assert answer.json()["json"] == {"a": 1}

    @rfc("9110", "15.5.16")
    async def test_an_unknown_coding_is_415_with_those_known(self, fetch: Fetch) -> None:
        answer = await fetch("POST", "/post", {"content-encoding": "compress"}, b"x")
        assert answer.status == 415
        assert "gzip" in (answer.value("accept-encoding") or "")

    async def test_a_bomb_is_413(self, fetch: Fetch) -> None:
        answer = await fetch("POST", "/post", {"content-encoding": "gzip"}, gzip.compress(bytes(50_000_000)))
        assert answer.status == 413


@feature("zstd")
@rfc("8878", "3.1")
async def test_zstd_both_ways(fetch: Fetch) -> None:
    answer = await fetch("GET", "/zstd")
    assert answer.value("content-encoding") == "zstd"
    assert json.loads(unzstd(answer.body))["zstd"] is True
    fields = {"content-encoding": "zstd", "content-type": "application/json"}
    said = await fetch("POST", "/post", fields, zstandard.ZstdCompressor().compress(b'{"a":1}'))
    assert said.json()["json"] == {"a": 1}


@feature("samples")
class TestSamples:
    """Content of many media types."""

    @pytest.mark.parametrize(
        ("path", "media_type", "begins"),
        [
            ("/html", "text/html", b"<!doctype html>"),
            ("/encoding/utf8", "text/html", b"<!doctype html>"),
            ("/forms/post", "text/html", b"<!doctype html>"),
            ("/xml", "application/xml", b"<?xml"),
            ("/json", "application/json", b'{"slideshow"'),
            ("/robots.txt", "text/plain", b"User-agent:"),
            ("/deny", "text/plain", b"Robots"),
            ("/image/png", "image/png", b"\x89PNG\r\n"),
            ("/image/jpeg", "image/jpeg", b"\xff\xd8\xff"),
            ("/image/webp", "image/webp", b"RIFF"),
            ("/image/svg", "image/svg+xml", b"<svg"),
            ("/base64/aGVsbG8=", "text/plain", b"hello"),
            ("/base64/encode/hello", "text/plain", b"aGVsbG8="),
        ],
    )
    async def test_as_their_media_type_says(
        self, fetch: Fetch, path: str, media_type: str, begins: bytes
    ) -> None:
        answer = await fetch("GET", path)
        assert (answer.value("content-type") or "").partition(";")[0] == media_type
        assert answer.body.startswith(begins)

    @rfc("9110", "12.5.1")
    @pytest.mark.parametrize(
        ("accepted", "media_type"),
        [("image/webp", "image/webp"), ("image/*", "image/png"), ("*/*", "image/png")],
    )
    async def test_the_image_that_the_client_likes_best(
        self, fetch: Fetch, accepted: str, media_type: str
    ) -> None:
        assert (await fetch("GET", "/image", {"accept": accepted})).value("content-type") == media_type

    @rfc("9110", "15.5.7")
    async def test_no_image_that_the_client_takes(self, fetch: Fetch) -> None:
        assert (await fetch("GET", "/image", {"accept": "text/html"})).status == 406

    @rfc("9562", "5.4")
    async def test_uuids_differ(self, fetch: Fetch) -> None:
        first, second = (
            (await fetch("GET", "/uuid")).json()["uuid"],
            (await fetch("GET", "/uuid")).json()["uuid"],
        )
        assert first != second
        assert first[14] == "4"
