"""URLs, against Node's own `url` module where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict

import pytest

from clients import url
from clients.tests.url_cases import Chance, said_by_node
from clients.url.cli import main

NODE = shutil.which("node")
URLS = [
    ("http://example.com", None),
    ("HTTP://EXAMPLE.com:80/%7Efoo/../a b?q=ü#ü", None),
    ("//user:pass@host:8080/x", "https://base/"),
    ("?only=query", "http://a/b/c?d#e"),
    ("", "http://a/b#c"),
    ("data:text/plain,hello world", None),
    ("file:///C:/a/../b", None),
    ("mailto:someone@example.com", None),
    ("http://0x7f.0.0.1/", None),
    ("http://[2001:DB8::1]:443/", None),
    ("https://münchen.de/ä?ö=ß", None),
    ("\t http://tab\n.example/ ", None),
    ("http:\\\\back\\slash", None),
    ("non-special://host:80/a/./b", None),
    ("/a", None),
    ("http://", None),
    ("http://a:99999/", None),
    ("http://exa mple/", None),
    ("http://[::1", None),
    ("x", "mailto:y"),
    ("http://%zz/", None),
    ("javascript:alert(1)", None),
    ("blob:https://a.com/uuid", None),
    ("http://user@/x", None),
]
SCRIPT = """
const NAMES = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname",
  "search", "hash"];
const { urlToHttpOptions } = require('node:url');
const out = JSON.parse(require('node:fs').readFileSync(0)).map(([text, base]) => {
  try {
    const u = new URL(text, base ?? undefined);
    const parts = {};
    for (const name of NAMES) parts[name] = u[name];
    return { parts, params: [...u.searchParams], options: { ...urlToHttpOptions(u) } };
  } catch (error) { return { code: error.code }; }
});
console.log(JSON.stringify(out));
"""


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_every_part_is_what_node_says() -> None:
    """Parts, parameters, options and refusals of two dozen URLs."""
    ran = subprocess.run(
        [str(NODE), "-e", SCRIPT], input=json.dumps(URLS), capture_output=True, text=True, check=True
    )
    for (text, base), expected in zip(URLS, json.loads(ran.stdout), strict=True):
        if "code" in expected:
            with pytest.raises(url.URLError) as caught:
                url.parse(text, base)
            assert caught.value.code == expected["code"], text
            continue
        parts = url.parse(text, base)
        assert {name: getattr(parts, name) for name in expected["parts"]} == expected["parts"], text
        assert [list(pair) for pair in url.SearchParams(parts.search)] == expected["params"], text
        options = {k: v for k, v in expected["options"].items() if k in url.http_options(parts)}
        assert url.http_options(parts) == options, text


def parsed(text: str, base: str | None) -> dict[str, object]:
    parts = url.parse(text, base)
    return {**asdict(parts), "params": [list(pair) for pair in url.SearchParams(parts.search)]}


def set_one_by_one(text: str, changes: list[list[str]]) -> dict[str, object]:
    """As JavaScript sets: what a part refuses changes nothing, but for a whole URL."""
    parts = url.parse(text)
    for name, value in changes:
        try:
            parts = url.change(parts.href, [(name, value)])
        except url.URLError as error:
            if error.code == "ERR_INVALID_URL":
                raise
    return asdict(parts)


def edited(text: str, steps: list[list[str]]) -> dict[str, object]:
    parts, results = url.edited(url.parse(text), [(method, words) for method, *words in steps])
    return {"href": parts.href, "results": json.loads(json.dumps(results))}


DONE: Mapping[str, Callable[..., object]] = {
    "parse": parsed,
    "set": set_one_by_one,
    "params": edited,
    "options": lambda text: url.http_options(url.parse(text)),
    "ascii": url.domain_to_ascii,
    "unicode": url.domain_to_unicode,
    "file": lambda path: url.path_to_file_url(path).href,
    "path": url.file_url_to_path,
}


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_what_is_done_at_random_comes_out_as_in_node() -> None:
    chance = Chance(2026)
    cases = [chance.case() for _ in range(4_000)]
    for (kind, words), expected in zip(cases, said_by_node(str(NODE), cases), strict=True):
        try:
            said: dict[str, object] = {"is": DONE[kind](*words)}
        except url.URLError as error:
            said = {"code": error.code}
        assert said == expected, (kind, words)


def test_parts_are_set_in_order() -> None:
    changed = url.change("http://a/", [("host", "b:1"), ("port", ""), ("search", "x=1")])
    assert changed.href == "http://b/?x=1"
    assert changed.effective_port == 80
    with pytest.raises(url.URLError):
        url.change("http://a/", [("origin", "http://b")])


def test_search_parameters() -> None:
    params = url.SearchParams("b=1&a=2&b=3")
    params.append("c", "4")
    params.set("b", "5")
    params.delete("a", "9")
    params.sort()
    assert list(params) == [("a", "2"), ("b", "5"), ("c", "4")]
    assert (params.get("x"), params.get("b"), params.get_all("b"), len(params)) == (None, "5", ["5"], 3)
    assert (params.has("a"), params.has("a", "3"), str(params)) == (True, False, "a=2&b=5&c=4")


@pytest.mark.parametrize(
    ("domain", "ascii_form", "unicode"),
    [
        ("español.com", "xn--espaol-zwa.com", "español.com"),
        ("xn--iñvalid.com", "", ""),
        ("A.b", "a.b", "a.b"),
    ],
)
def test_domains(domain: str, ascii_form: str, unicode: str) -> None:
    """The examples of Node's manual."""
    assert (url.domain_to_ascii(domain), url.domain_to_unicode(domain)) == (ascii_form, unicode)


def test_paths_and_file_urls() -> None:
    assert url.path_to_file_url("/foo#1?%\\").href == "file:///foo%231%3F%25%5C"
    assert url.file_url_to_path("file:///hello%20world") == "/hello world"
    for text, code in (
        ("http://a/", "ERR_INVALID_URL_SCHEME"),
        ("file://host/a", "ERR_INVALID_FILE_URL_HOST"),
        ("file:///a%2fb", "ERR_INVALID_FILE_URL_PATH"),
    ):
        with pytest.raises(url.URLError) as caught:
            url.file_url_to_path(text)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["../b", "--base", "http://e/a/c/", "--set", "hash=t"], '"href": "http://e/a/b#t"'),
        (["http://e/?x=1", "--param", "append,x,2", "--param", "getAll,x"], '"search": "?x=1&x=2"'),
        (["münchen.de", "--to", "ascii"], "xn--mnchen-3ya.de"),
        (["/a b", "--to", "file-url"], "file:///a%20b"),
        (["http://u:p@h:1/x?y", "--to", "http-options"], '"auth": "u:p"'),
    ],
)
def test_the_command_line(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert expected in capsys.readouterr().out


def test_the_command_line_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://"]) == 1
    assert "ERR_INVALID_URL" in capsys.readouterr().err
    assert main(["http://a/", "--param", "fly"]) == 1
