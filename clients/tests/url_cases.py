"""What can be done with URLs, at random from pieces that parsers trip over, and what Node says to it.

Left out is what the standard has changed since Node 20, where ada is newer: `^` in a path, `xn--` labels that
mean nothing, a base with an opaque path, `/..` at the root of a scheme without a meaning of its own, a port
that is set to no number.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Case = tuple[str, list[Any]]
"""What is done, and with what."""

HERE = Path(__file__).parent
SETTABLE = [
    "href",
    "protocol",
    "username",
    "password",
    "host",
    "hostname",
    "port",
    "pathname",
    "search",
    "hash",
]
_PIECES: Mapping[str, Sequence[str]] = json.loads((HERE / "url_pieces.json").read_text(encoding="utf-8"))
_BASES = [None, "http://user:pass@host:81/a/b?c#d", "file:///a/b", "foo://h/a/b/c", "http://", "x"]
_CHANGED = ["http://u:p@h:81/a?b#c", "file:///a", "https://h"]
_METHODS: Mapping[str, Sequence[int]] = {
    **dict.fromkeys(("append", "set"), (2,)),
    **dict.fromkeys(("get", "getAll"), (1,)),
    **dict.fromkeys(("delete", "has"), (1, 2)),
    **dict.fromkeys(("sort", "keys", "values", "entries", "toString", "size"), (0,)),
}
_ODD = "abA01%2f.~_!$&'()*+,;=:@/?#[]\\ <>\"`{}|\t\n\x7fäé漢\u200d\u00ad😀\u3002／％"


class Chance:
    """Makes cases from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def case(self) -> Case:
        """One case of any kind."""
        kind = self._pick(["parse", "parse", "set", "params", "options", "ascii", "unicode", "file", "path"])
        return kind, getattr(self, f"_{kind}")()

    def _pick(self, among: Sequence[Any]) -> Any:
        return self._random.choice(among)

    def _of(self, *kinds: str) -> str:
        return "".join(self._pick(_PIECES[kind]) for kind in kinds)

    def _odd(self, most: int) -> str:
        return "".join(self._pick(_ODD) for _ in range(self._random.randint(0, most)))

    def _url(self) -> str:
        slashes = self._pick(["//", "//", "//", "/", "///", "\\\\"])
        text = (
            self._of("schemes") + slashes + self._of("users", "hosts", "ports", "paths", "queries", "hashes")
        )
        at = self._random.randint(0, len(text))
        return f"{text[:at]}{self._pick(['', '', chr(9), ' ', self._odd(2)])}{text[at:]}"

    def _parse(self) -> list[Any]:
        relative = self._pick(["", "//h", "http:"]) + self._of("paths", "queries", "hashes")
        return [self._pick([self._url(), self._url(), relative]), self._pick(_BASES)]

    def _set(self) -> list[Any]:
        names = [self._pick(SETTABLE) for _ in range(self._random.randint(1, 3))]
        return [self._pick(_CHANGED), [[name, self._value(name)] for name in names]]

    def _value(self, name: str) -> str:
        if name == "port":
            return str(self._pick(["80", "443", "8080abc", "1 2", "99999", "", "0", "0080"]))
        if name == "host":
            return self._of("hosts") + str(self._pick(["", "", ":80", ":443", ":8080", ":65536", "/x", "?"]))
        return str(self._pick([self._of(self._pick(list(_PIECES))), "", "h:81", self._url(), self._odd(4)]))

    def _params(self) -> list[Any]:
        methods = [self._pick(list(_METHODS)) for _ in range(self._random.randint(1, 5))]
        steps = [[m, *(self._of("words") for _ in range(self._pick(_METHODS[m])))] for m in methods]
        return ["http://h/" + self._of("queries", "hashes"), steps]

    def _options(self) -> list[Any]:
        return [self._url()]

    def _ascii(self) -> list[Any]:
        behind = ["", "", self._of("ports"), self._of("paths"), "." + self._of("hosts"), self._odd(2)]
        return [self._of("hosts") + self._pick(behind)]

    _unicode = _ascii

    def _file(self) -> list[Any]:
        return [self._pick(["/", "//"]) + self._odd(12) + self._pick(["", "/", "/..", "/.", "/a b", "/%ff"])]

    def _path(self) -> list[Any]:
        start = self._pick(["file://", "file://", "FILE://", "http://"]) + self._pick(
            ["", "", "host", "localhost"]
        )
        return [start + self._of("paths") + self._pick(["", "/%E4%BD%A0", "%2F"])]


def said_by_node(node: str, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return what Node makes of each: what it `is`, or the `code` of what it throws."""
    argv = [node, str(HERE / "url_cases.js")]
    ran = subprocess.run(argv, input=json.dumps(cases), capture_output=True, text=True, check=True)
    said: list[dict[str, Any]] = json.loads(ran.stdout)
    return said
