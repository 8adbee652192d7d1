"""What a URL is made of: taken apart, resolved, set part by part, and made ready for an HTTP client.

Errors carry the codes of Node: ERR_INVALID_URL, ERR_INVALID_FILE_URL_PATH, ERR_INVALID_FILE_URL_HOST;
URIError is what JavaScript throws by that name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import ada_url

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


def well_formed(text: str) -> str:
    """Return a text as the standard takes one in: each lone surrogate becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def parse(text: str, base: str | None = None) -> Parts:
    """Return the parts of a URL, resolved against `base` when it is relative.

    Raises:
        URLError: ERR_INVALID_URL.
    """
    return _parts(_url(text, base))


def _url(text: str, base: str | None = None) -> ada_url.URL:
    try:
        return ada_url.URL(well_formed(text), None if base is None else well_formed(base))
    except ValueError as error:
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
            setattr(url, name, well_formed(value))
        except ValueError as error:
            code = "ERR_INVALID_URL" if name == "href" else "ERR_INVALID_ARG_VALUE"
            raise URLError(code, f"{value!r} is no {name}") from error
    return _parts(url)


def http_options(parts: Parts) -> dict[str, object]:
    """Return what Node's `urlToHttpOptions` makes of a URL.

    Raises:
        URLError: URIError for a user or password whose escapes are malformed.
    """
    options: dict[str, object] = {
        name: getattr(parts, name) for name in ("protocol", "hash", "search", "pathname", "href")
    }
    options |= {"hostname": parts.hostname.strip("[]"), "path": parts.pathname + parts.search}
    if parts.port:
        options["port"] = int(parts.port)
    if parts.username or parts.password:
        options["auth"] = f"{decoded(parts.username)}:{decoded(parts.password)}"
    return options


_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def decoded(text: str) -> str:
    """Return what `decodeURIComponent` makes of a text.

    Raises:
        URLError: URIError for an escape that is not whole, or octets that are not UTF-8.
    """
    try:
        if not _ESCAPE.search(text):
            return unquote(text, errors="strict")
    except UnicodeDecodeError:
        pass
    raise URLError("URIError", f"{text!r} is no UTF-8 under its escapes")
