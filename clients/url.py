"""URLs by the WHATWG standard: taken apart, resolved, changed and edited, on ada, the parser inside Node.

    python -m clients.url '../b?x=1' --base http://example.com/a/ --set hash=top --param append,x,2

Errors carry the codes of Node: ERR_INVALID_URL, ERR_INVALID_FILE_URL_PATH, ERR_INVALID_FILE_URL_HOST.
"""

from __future__ import annotations

import argparse
import json
import posixpath
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import methodcaller
from urllib.parse import unquote

import ada_url

from clients.pipe import piped

DEFAULT_PORTS: Mapping[str, int] = {"ftp:": 21, "http:": 80, "https:": 443, "ws:": 80, "wss:": 443}
SETTABLE = (
    "href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash",
)  # fmt: skip


class URLError(ValueError):
    """What is no URL, or a URL that does not do what was asked of it. `code` is Node's."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a URL says, under the names of the standard."""

    href: str
    origin: str
    protocol: str
    username: str
    password: str
    host: str
    hostname: str
    port: str
    pathname: str
    search: str
    hash: str

    @property
    def effective_port(self) -> int | None:
        """The port that a client connects to."""
        return int(self.port) if self.port else DEFAULT_PORTS.get(self.protocol)


class SearchParams:
    """The methods of URLSearchParams over one query string (URL standard, 6.2)."""

    def __init__(self, text: str = "") -> None:
        self._params = ada_url.URLSearchParams(text)

    def append(self, name: str, value: str) -> None:
        """Add a pair at the end."""
        self._params.append(name, value)

    def delete(self, name: str, value: str | None = None) -> None:
        """Remove every pair of this name, or only those with this value."""
        self._params.delete(name, value)

    def get(self, name: str) -> str | None:
        """Return the first value of a name."""
        return str(self._params.get(name)) if self._params.has(name) else None

    def get_all(self, name: str) -> list[str]:
        """Return every value of a name."""
        return [str(value) for value in self._params.get_all(name)]

    def has(self, name: str, value: str | None = None) -> bool:
        """Tell whether there is a pair of this name, and of this value if one is given."""
        return bool(self._params.has(name, value))

    def set(self, name: str, value: str) -> None:
        """Give the first pair of this name the value and remove the others."""
        self._params.set(name, value)

    def sort(self) -> None:
        """Sort by name in UTF-16 code units, keeping the order of equals."""
        methodcaller("sort")(self._params)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((str(name), str(value)) for name, value in self._params.items())

    def __len__(self) -> int:
        return int(self._params.size)

    def __str__(self) -> str:
        return str(self._params)


def parse(text: str, base: str | None = None) -> Parts:
    """Return the parts of a URL, resolved against `base` when it is relative.

    Raises:
        URLError: ERR_INVALID_URL.
    """
    return _parts(_url(text, base))


def _url(text: str, base: str | None = None) -> ada_url.URL:
    try:
        return ada_url.URL(text, base)
    except (ValueError, UnicodeEncodeError) as error:
        against = f" against {base!r}" if base is not None else ""
        raise URLError("ERR_INVALID_URL", f"{text!r}{against}") from error


def _parts(url: ada_url.URL) -> Parts:
    return Parts(origin=url.origin, **{name: getattr(url, name) for name in SETTABLE})


def change(text: str, parts: Sequence[tuple[str, str]], base: str | None = None) -> Parts:
    """Return the parts of a URL after setting some, in order.

    Raises:
        URLError: no URL, no such part, or a value that the part refuses.
    """
    url = _url(text, base)
    for name, value in parts:
        if name not in SETTABLE:
            raise URLError("ERR_INVALID_ARG_VALUE", f"{name!r} is none of {', '.join(SETTABLE)}")
        try:
            setattr(url, name, value)
        except ValueError as error:
            raise URLError("ERR_INVALID_ARG_VALUE", f"{value!r} is no {name}") from error
    return _parts(url)


def edit(params: SearchParams, step: str) -> object:
    """Apply one method, written `append,NAME,VALUE`, and return what it gave.

    Raises:
        URLError: no such method, or the wrong number of arguments.
    """
    method, *arguments = step.split(",")
    known: Mapping[str, Callable[..., object]] = {
        "append": params.append,
        "delete": params.delete,
        "get": params.get,
        "getAll": params.get_all,
        "has": params.has,
        "set": params.set,
        "sort": params.sort,
    }
    try:
        return known[method](*arguments)
    except (KeyError, TypeError) as error:
        raise URLError("ERR_INVALID_ARG_VALUE", f"{step!r} is no METHOD,ARGUMENT…") from error


def http_options(parts: Parts) -> dict[str, object]:
    """Return what Node's `urlToHttpOptions` makes of a URL."""
    options: dict[str, object] = {
        name: getattr(parts, name) for name in ("protocol", "hash", "search", "pathname", "href")
    }
    options |= {"hostname": parts.hostname.strip("[]"), "path": parts.pathname + parts.search}
    if parts.port:
        options["port"] = int(parts.port)
    if parts.username or parts.password:
        options["auth"] = f"{unquote(parts.username)}:{unquote(parts.password)}"
    return options


def domain_to_ascii(domain: str) -> str:
    """Return a domain in ASCII, or "" for what is none, as Node does."""
    return _url(f"ws://{domain}").hostname if ada_url.URL.can_parse(f"ws://{domain}") else ""


def domain_to_unicode(domain: str) -> str:
    """Return a domain in Unicode, or "" for what is none."""
    return str(ada_url.idna_to_unicode(domain_to_ascii(domain).encode()))


def path_to_file_url(path: str) -> Parts:
    """Return the file URL of a path, which must be absolute.

    Raises:
        URLError: ERR_INVALID_ARG_VALUE for a relative path.
    """
    if not path.startswith("/"):
        raise URLError("ERR_INVALID_ARG_VALUE", f"{path!r} is no absolute path")
    resolved = "/" + posixpath.normpath(path).lstrip("/")
    resolved += "/" if path.endswith("/") and resolved != "/" else ""
    escapes = {ord(char): f"%{ord(char):02X}" for char in "%\\\n\r\t?#"}
    return parse("file://" + resolved.translate(escapes))


def file_url_to_path(text: str) -> str:
    """Return the path of a file URL.

    Raises:
        URLError: ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH.
    """
    parts = parse(text)
    if parts.protocol != "file:":
        raise URLError("ERR_INVALID_URL_SCHEME", f"{parts.protocol} is not file:")
    if parts.hostname:
        raise URLError("ERR_INVALID_FILE_URL_HOST", f"{parts.hostname!r} is not this machine")
    if "%2f" in parts.pathname.lower():
        raise URLError("ERR_INVALID_FILE_URL_PATH", "an encoded slash")
    return unquote(parts.pathname)


@piped
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0, or 1 with one line on stderr for what is no URL."""
    options = _parser().parse_args(arguments)
    try:
        result = _run(options)
    except URLError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = json.dumps(result, indent=2, ensure_ascii=False) if isinstance(result, dict) else str(result)
    sys.stdout.write(text + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clients.url", description="Take a URL apart.")
    parser.add_argument("text", metavar="URL", help="a URL; with one of the --to options a domain or path")
    parser.add_argument("--base", help="what a relative URL is relative to")
    parser.add_argument("--set", action="append", default=[], metavar="PART=VALUE", help="in order")
    parser.add_argument("--param", action="append", default=[], metavar="METHOD,ARGUMENT…", help="in order")
    parser.add_argument("--to", choices=("ascii", "unicode", "file-url", "file-path", "http-options"))
    return parser


def _run(options: argparse.Namespace) -> object:
    match options.to:
        case "ascii":
            return domain_to_ascii(options.text)
        case "unicode":
            return domain_to_unicode(options.text)
        case "file-url":
            return path_to_file_url(options.text).href
        case "file-path":
            return file_url_to_path(options.text)
    pairs = [(name, value) for name, _, value in (item.partition("=") for item in options.set)]
    parts = change(options.text, pairs, options.base)
    params = SearchParams(parts.search)
    results = [edit(params, step) for step in options.param]
    if options.param:
        parts = change(parts.href, [("search", str(params))])
    if options.to == "http-options":
        return http_options(parts)
    described: dict[str, object] = {**asdict(parts), "searchParams": list(params)}
    return {**described, "results": results} if results else described


if __name__ == "__main__":
    sys.exit(main())
