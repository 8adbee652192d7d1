"""What has a name in two forms: domains in ASCII and Unicode, files as URLs and as paths."""

from __future__ import annotations

import posixpath
import re

import ada_url

from services.http.app.urls import BadURLError, change, parse, unescaped

_UNSAFE = re.compile(r'[\x00\t\n\r "#%?\[\\\]^|~]')  # in a path, RFC 1738 2.2


def to_ascii(domain: str) -> str:
    """Return a domain in ASCII, `xn--` and all.

    Raises:
        BadURLError: it is none.
    """
    url = ada_url.URL("ws://x")
    change(url, [("hostname", domain)])
    return str(url.hostname)


def to_unicode(domain: str) -> str:
    """Return a domain in Unicode."""
    return str(ada_url.idna_to_unicode(domain.encode()))


def file_url(path: str) -> str:
    """Return the file URL of a POSIX path, as Node's `pathToFileURL` does.

    Raises:
        BadURLError: a path that is not absolute.
    """
    if not path.startswith("/"):
        raise BadURLError(f"{path!r} is no absolute path")
    resolved = posixpath.normpath(path) + ("/" if path.endswith("/") and path.strip("/") else "")
    escaped = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", "/" + resolved.lstrip("/"))
    return parse(f"file://{escaped}").href


def file_path(text: str) -> str:
    """Return the POSIX path of a file URL, as Node's `fileURLToPath` does.

    Raises:
        BadURLError: another scheme, a host, an encoded slash, or escapes that are no UTF-8.
    """
    url = parse(text)
    if url.protocol != "file:":
        raise BadURLError(f"{url.protocol} is not file:")
    if url.hostname:
        raise BadURLError(f"the host {url.hostname!r} is not this machine")
    if "%2f" in url.pathname.lower():
        raise BadURLError("the path holds an encoded slash")
    return unescaped(url.pathname)
