"""URLs by the WHATWG standard, on ada, the parser inside Node: parts, search parameters, options.

Names of parts and methods are those of the standard and of Node's `url` module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import methodcaller
from urllib.parse import unquote_to_bytes

import ada_url

PARTS = (
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
)
# URL standard, 4.2: special schemes and their default ports.
DEFAULT_PORTS: Mapping[str, int | None] = {
    "ftp:": 21,
    "file:": None,
    "http:": 80,
    "https:": 443,
    "ws:": 80,
    "wss:": 443,
}
_SCHEME = re.compile(r"[\x00- ]*([A-Za-z][A-Za-z0-9+.\-]*):")
_LONE = re.compile("[\ud800-\udfff]")
_CUT_SHORT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r":([^:\]/?#]*)$")


class BadURLError(ValueError):
    """What is no URL; the message says why, as far as it can be told."""


def parse(text: str, base: str | None = None) -> ada_url.URL:
    """Return the URL that `text` is, against `base` when it is relative.

    Raises:
        BadURLError: with the reason.
    """
    text, base = _scalars(text), None if base is None else _scalars(base)
    if base is not None and not ada_url.URL.can_parse(base):
        raise BadURLError(f"the base: {_reason(base, None)}")
    try:
        return ada_url.URL(text, base)
    except ValueError:
        raise BadURLError(_reason(text, base)) from None


def _scalars(text: str) -> str:
    """Return a string of JSON as the standard's USVString: a surrogate without its other half is U+FFFD."""
    return _LONE.sub("\ufffd", text)


def _reason(text: str, base: str | None) -> str:
    """Say in words what the parser only says no to (URL standard, 1.1)."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return "a relative URL needs a base" if base is None else "the base cannot have paths below it"
    protocol = scheme[1].lower() + ":"
    rest = text[scheme.end() :]
    authority = re.split(
        r"[/\\?#]" if protocol in DEFAULT_PORTS else r"[/?#]", rest.lstrip("/\\"), maxsplit=1
    )[0]
    host = authority.rpartition("@")[2]
    if host.startswith("[") and "]" not in host:
        return f"{host} has no closing bracket"
    port = _PORT.search(host)
    if port and not (port[1].isascii() and port[1].isdigit() and int(port[1]) < 65_536) and port[1]:
        return f"the port {port[1]!r} is no number of 0 to 65535"
    host = host[: port.start()] if port else host
    if not host:
        return f"a URL of scheme {protocol} needs a host"
    if host.startswith("["):
        return f"{host} is no IPv6 address"
    return f"{host!r} is no valid host"


def change(url: ada_url.URL, parts: Sequence[tuple[str, str]]) -> None:
    """Set parts in order.

    Raises:
        BadURLError: no such part, or a value that the part refuses.
    """
    for name, value in parts:
        if name not in PARTS:
            raise BadURLError(f"{name!r} is no part of a URL that can be set; there are {', '.join(PARTS)}")
        try:
            setattr(url, name, _scalars(value))
        except ValueError:
            raise BadURLError(f"{value!r} is no {name}") from None


_Step = Callable[[ada_url.URLSearchParams, Sequence[str]], object]
# Methods of URLSearchParams (URL standard, 6.2): how many arguments each takes, and what it does.
_METHODS: Mapping[str, tuple[range, _Step]] = {
    "append": (range(2, 3), lambda params, a: params.append(*a)),
    "delete": (range(1, 3), lambda params, a: params.delete(*a)),
    "get": (range(1, 2), lambda params, a: params.get(*a) if params.has(*a) else None),
    "getAll": (range(1, 2), lambda params, a: params.get_all(*a)),
    "has": (range(1, 3), lambda params, a: params.has(*a)),
    "set": (range(2, 3), lambda params, a: params.set(*a)),
    "sort": (range(1), lambda params, _: methodcaller("sort")(params)),
    "keys": (range(1), lambda params, _: list(params.keys())),
    "values": (range(1), lambda params, _: list(params.values())),
    "entries": (range(1), lambda params, _: [list(pair) for pair in params.items()]),
    "toString": (range(1), lambda params, _: str(params)),
    "size": (range(1), lambda params, _: params.size),
}


# Methods after which the URL's search is written anew.
_CHANGING = {"append", "delete", "set", "sort"}


def edit(url: ada_url.URL, steps: Sequence[Sequence[str]]) -> list[object]:
    """Apply methods of URLSearchParams to a URL's search in order; return what each gave.

    Raises:
        BadURLError: no such method, or the wrong number of arguments.
    """
    params = search_params(url)
    results = []
    for method, *arguments in steps:
        counts, step = _METHODS.get(method, (range(0), None))
        if step is None:
            raise BadURLError(f"{method!r} is no method of URLSearchParams; there are {', '.join(_METHODS)}")
        if len(arguments) not in counts:
            raise BadURLError(
                f"{method} takes {' or '.join(map(str, counts))} arguments, not {len(arguments)}"
            )
        results.append(step(params, [_scalars(argument) for argument in arguments]))
    if any(method in _CHANGING for method, *_ in steps):
        url.search = str(params)
    return results


def search_params(url: ada_url.URL) -> ada_url.URLSearchParams:
    """Return the parameters of a URL (URL standard, 5.1), which ada itself reads from UTF-8 only."""
    params = ada_url.URLSearchParams("")
    for pair in url.search.removeprefix("?").split("&"):
        if pair:
            name, _, value = pair.replace("+", " ").partition("=")
            params.append(*(unquote_to_bytes(part).decode("utf-8", "replace") for part in (name, value)))
    return params


def describe(url: ada_url.URL) -> dict[str, object]:
    """Return every part of a URL, its search parameters, and what programs make of it."""
    return {
        **{name: getattr(url, name) for name in PARTS},
        "origin": url.origin,
        "searchParams": [list(pair) for pair in search_params(url).items()],
        "special": url.protocol in DEFAULT_PORTS,
        "defaultPort": DEFAULT_PORTS.get(url.protocol),
        "unicode": str(ada_url.idna_to_unicode(url.hostname.encode())),
        "httpOptions": _options_of(url),
    }


def _options_of(url: ada_url.URL) -> dict[str, object] | None:
    """Return the options, or None where no HTTP client could take them."""
    try:
        return http_options(url) if url.protocol in ("http:", "https:") else None
    except BadURLError:
        return None


def http_options(url: ada_url.URL) -> dict[str, object]:
    """Return what Node's `urlToHttpOptions` gives to `http.request`.

    Raises:
        BadURLError: a user or password whose escapes are no UTF-8.
    """
    options: dict[str, object] = {
        "protocol": url.protocol,
        "hostname": url.hostname.strip("[]"),
        "hash": url.hash,
        "search": url.search,
        "pathname": url.pathname,
        "path": url.pathname + url.search,
        "href": url.href,
    }
    if url.port:
        options["port"] = int(url.port)
    if url.username or url.password:
        options["auth"] = f"{unescaped(url.username)}:{unescaped(url.password)}"
    return options


def unescaped(text: str) -> str:
    """Return what JavaScript's `decodeURIComponent` gives.

    Raises:
        BadURLError: what it throws a URIError for.
    """
    if _CUT_SHORT.search(text):
        raise BadURLError(f"{text!r} holds an escape that is not whole")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise BadURLError(f"the escapes of {text!r} are no UTF-8") from None
