"""URLs by the WHATWG standard."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.http.app.conftest import Fetch

pytestmark = pytest.mark.feature("urls")


async def parts(fetch: Fetch, **query: str) -> dict[str, Any]:
    answer = await fetch("GET", f"/url?{urlencode(query)}")
    assert answer.status == 200, answer.body
    described: dict[str, Any] = answer.json()
    return described


async def edit(fetch: Fetch, url: str, *steps: list[str]) -> tuple[str, list[object]]:
    answer = await fetch("POST", "/url", body=json.dumps({"url": url, "params": steps}).encode())
    assert answer.status == 200, answer.body
    return answer.json()["search"], answer.json()["results"]


class TestParts:
    """4. URLs."""

    async def test_every_part_of_a_url(self, fetch: Fetch) -> None:
        url = await parts(fetch, url="https://us%40er:p%3Aw@EXAMPLE.com:8443/a/../b%20c?x=1&x=2#frag")
        assert {
            name: url[name] for name in ("protocol", "username", "password", "host", "hostname", "port")
        } == {
            "protocol": "https:",
            "username": "us%40er",
            "password": "p%3Aw",
            "host": "example.com:8443",
            "hostname": "example.com",
            "port": "8443",
        }
        assert (url["pathname"], url["search"], url["hash"]) == ("/b%20c", "?x=1&x=2", "#frag")
        assert (url["origin"], url["searchParams"]) == ("https://example.com:8443", [["x", "1"], ["x", "2"]])

    @pytest.mark.parametrize(
        ("scheme", "port"), [("http", 80), ("https", 443), ("ws", 80), ("wss", 443), ("ftp", 21)]
    )
    async def test_the_default_port_of_a_special_scheme_is_not_written(
        self, fetch: Fetch, scheme: str, port: int
    ) -> None:
        url = await parts(fetch, url=f"{scheme}://example.com:{port}/")
        assert (url["port"], url["defaultPort"], url["special"]) == ("", port, True)
        other = await parts(fetch, url=f"other://example.com:{port}/")
        assert (other["port"], other["defaultPort"], other["special"]) == (str(port), None, False)

    @pytest.mark.parametrize(
        ("url", "href"),
        [
            ("../c", "http://example.com/c"),
            ("?q", "http://example.com/a/b?q"),
            ("#h", "http://example.com/a/b?old#h"),
            ("//other/x", "http://other/x"),
            ("\\x\\y", "http://example.com/x/y"),
            ("http:z", "http://example.com/a/z"),
            ("https:z", "https://z/"),
        ],
    )
    async def test_a_relative_url_is_resolved(self, fetch: Fetch, url: str, href: str) -> None:
        assert (await parts(fetch, url=url, base="http://example.com/a/b?old"))["href"] == href

    @pytest.mark.parametrize(
        ("host", "hostname"),
        [
            ("0x7f.1", "127.0.0.1"),
            ("2130706433", "127.0.0.1"),
            ("[::ffff:1.2.3.4]", "[::ffff:102:304]"),
            ("ＥＸＡＭＰＬＥ.com", "example.com"),
            ("münchen.de", "xn--mnchen-3ya.de"),
        ],
    )
    async def test_hosts_become_what_they_mean(self, fetch: Fetch, host: str, hostname: str) -> None:
        assert (await parts(fetch, url=f"http://{host}/"))["hostname"] == hostname

    async def test_parts_are_set_in_order(self, fetch: Fetch) -> None:
        url = await parts(
            fetch, url="http://example.com/a", protocol="https", host="other:8080", pathname="/x y", hash="z"
        )
        assert url["href"] == "https://other:8080/x%20y#z"

    async def test_a_user_that_is_no_utf_8_makes_no_options(self, fetch: Fetch) -> None:
        """It is a URL all the same, and no HTTP client could send it."""
        url = await parts(fetch, url="http://%ff@a/")
        assert (url["username"], url["httpOptions"]) == ("%ff", None)

    async def test_options_for_an_http_client(self, fetch: Fetch) -> None:
        options = (await parts(fetch, url="http://a%40b:c@[::1]:8080/p?q#h"))["httpOptions"]
        assert options == {
            "protocol": "http:",
            "hostname": "::1",
            "hash": "#h",
            "search": "?q",
            "pathname": "/p",
            "path": "/p?q",
            "href": "http://a%40b:c@[::1]:8080/p?q#h",
            "port": 8080,
            "auth": "a@b:c",
        }

    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ({"url": "/a"}, "needs a base"),
            ({"url": "a", "base": "b"}, "the base"),
            ({"url": "http://"}, "needs a host"),
            ({"url": "http://a:65536/"}, "65536"),
            ({"url": "http://a:x/"}, "no number"),
            ({"url": "http://[1::2::3]/"}, "IPv6"),
            ({"url": "http://a b/"}, "no valid host"),
            ({"url": "http://[::1/"}, "no closing bracket"),
            ({"url": "http://[::g]/"}, "no IPv6 address"),
            ({"url": "http://1.2.3.256/"}, "no valid host"),
            ({"url": "http://a/", "port": "x"}, "port"),
            ({"url": "http://a/", "href": "nothing"}, "href"),
        ],
    )
    async def test_what_is_no_url_is_400_with_the_reason(
        self, fetch: Fetch, query: dict[str, str], reason: str
    ) -> None:
        answer = await fetch("GET", f"/url?{urlencode(query)}")
        assert answer.status == 400
        assert reason in answer.json()["detail"]

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"url":1}', b'{"url":"a:","params":[["fly"]]}'])
    async def test_what_is_no_order_is_400(self, fetch: Fetch, body: bytes) -> None:
        assert (await fetch("POST", "/url", body=body)).status == 400


class TestSearchParams:
    """6.2. URLSearchParams."""

    async def test_every_method(self, fetch: Fetch) -> None:
        search, results = await edit(
            fetch,
            "http://a/?b=2&a=1&b=3",
            ["append", "c", "x y&z"],
            ["get", "b"],
            ["get", "none"],
            ["getAll", "b"],
            ["has", "a"],
            ["has", "a", "2"],
            ["set", "b", "4"],
            ["delete", "a"],
            ["append", "a", "ü"],
            ["sort"],
            ["keys"],
            ["values"],
            ["entries"],
            ["size"],
            ["toString"],
        )
        assert search == "?a=%C3%BC&b=4&c=x+y%26z"
        assert results[1:6] == ["2", None, ["2", "3"], True, False]
        assert results[10:13] == [
            ["a", "b", "c"],
            ["ü", "4", "x y&z"],
            [["a", "ü"], ["b", "4"], ["c", "x y&z"]],
        ]
        assert results[13:] == [3, "a=%C3%BC&b=4&c=x+y%26z"]

    async def test_a_pair_is_deleted_by_name_and_value(self, fetch: Fetch) -> None:
        assert (await edit(fetch, "http://a/?x=1&x=2", ["delete", "x", "1"]))[0] == "?x=2"

    async def test_asking_changes_nothing(self, fetch: Fetch) -> None:
        """The search is written anew by what changes the parameters, and by nothing else."""
        asked = [["get", "a"], ["has", "b"], ["keys"], ["toString"]]
        search, results = await edit(fetch, "http://a/?&a=b=c&&d", *asked)
        assert (search, results[3]) == ("?&a=b=c&&d", "a=b%3Dc&d=")
        assert (await edit(fetch, "http://a/?&a=b=c&&d", *asked, ["delete", "x"]))[0] == "?a=b%3Dc&d="

    async def test_octets_that_are_no_utf_8_are_replaced(self, fetch: Fetch) -> None:
        """5.1: decoding never fails."""
        assert (await parts(fetch, url="http://a/?%F0%9F&c=%ff"))["searchParams"] == [
            ["\ufffd", ""],
            ["c", "\ufffd"],
        ]
        search, _ = await edit(fetch, "http://a/?%F0%9F", ["append", "\ud800", "x"])
        assert search == "?%EF%BF%BD=&%EF%BF%BD=x"

    async def test_sorting_is_stable_and_by_code_units(self, fetch: Fetch) -> None:
        assert (await edit(fetch, "http://a/?z=1&a=2&z=0&A=3", ["sort"]))[0] == "?A=3&a=2&z=1&z=0"


class TestDomainsAndFiles:
    """Domains in both forms; paths as URLs."""

    async def test_a_domain_in_both_forms(self, fetch: Fetch) -> None:
        answer = await fetch("GET", f"/url/domain?{urlencode({'domain': 'España.COM'})}")
        assert answer.json() == {"ascii": "xn--espaa-rta.com", "unicode": "españa.com"}
        for bad in ("xn--iñvalid.com", "a:80", "a@b", ""):
            assert (await fetch("GET", f"/url/domain?{urlencode({'domain': bad})}")).status == 400

    @pytest.mark.parametrize(
        ("path", "url"),
        [
            ("/tmp/a b", "file:///tmp/a%20b"),
            ("/tmp/%?#", "file:///tmp/%25%3F%23"),
            ("/a/../b/", "file:///b/"),
            ("/a~[b]|^", "file:///a%7E%5Bb%5D%7C%5E"),
            ("/你好", "file:///%E4%BD%A0%E5%A5%BD"),
        ],
    )
    async def test_a_path_becomes_a_url_and_back(self, fetch: Fetch, path: str, url: str) -> None:
        answer = await fetch("GET", f"/url/file?{urlencode({'path': path})}")
        assert answer.json()["url"] == url
        back = await fetch("GET", f"/url/file?{urlencode({'url': url})}")
        assert back.json()["path"] == answer.json()["path"]

    @pytest.mark.parametrize(
        "url", ["http://a/", "file://host/x", "file:///a%2Fb", "file:///a%2", "file:///%ff"]
    )
    async def test_what_is_no_file_here_is_400(self, fetch: Fetch, url: str) -> None:
        assert (await fetch("GET", f"/url/file?{urlencode({'url': url})}")).status == 400
