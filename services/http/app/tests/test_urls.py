"""URLs, against Node's own `url` module where it is installed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping

import ada_url
import pytest

from clients.tests.url_cases import SETTABLE, Chance, said_by_node
from services.http.app import url_names, urls

NODE = shutil.which("node")


def shown(url: ada_url.URL) -> dict[str, object]:
    return {"origin": url.origin, **{name: getattr(url, name) for name in SETTABLE}}


def parsed(text: str, base: str | None) -> dict[str, object]:
    url = urls.parse(text, base)
    return {**shown(url), "params": [list(pair) for pair in urls.search_params(url).items()]}


def set_one_by_one(text: str, changes: list[list[str]]) -> dict[str, object]:
    """As JavaScript sets: what a part refuses changes nothing, but for a whole URL."""
    url = urls.parse(text)
    for name, value in changes:
        try:
            urls.change(url, [(name, value)])
        except urls.BadURLError:
            if name == "href":
                raise
    return shown(url)


def edited(text: str, steps: list[list[str]]) -> dict[str, object]:
    url = urls.parse(text)
    results = urls.edit(url, steps)
    return {"href": url.href, "results": json.loads(json.dumps(results))}


DONE: Mapping[str, Callable[..., object]] = {
    "parse": parsed,
    "set": set_one_by_one,
    "params": edited,
    "options": lambda text: urls.http_options(urls.parse(text)),
    "ascii": url_names.to_ascii,
    "unicode": lambda domain: url_names.to_unicode(url_names.to_ascii(domain)),
    "file": url_names.file_url,
    "path": url_names.file_path,
}


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_what_is_done_at_random_comes_out_as_in_node() -> None:
    """What Node throws, or gives no domain for, is refused."""
    chance = Chance(2027)
    cases = [chance.case() for _ in range(4_000)]
    for (kind, words), expected in zip(cases, said_by_node(str(NODE), cases), strict=True):
        try:
            said = DONE[kind](*words)
        except urls.BadURLError:
            said = None
        assert said == (expected.get("is") or None), (kind, words)
