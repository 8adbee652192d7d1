"""Domains in ASCII and in Unicode; paths as file URLs, and back."""

from __future__ import annotations

import posixpath

import ada_url

from clients.url.parts import Parts, URLError, decoded, parse, well_formed


def domain_to_ascii(domain: str) -> str:
    """Return a domain in ASCII, or "" for what is none, as Node does."""
    url = ada_url.URL("ws://x")
    try:
        url.hostname = well_formed(domain)
    except ValueError:
        return ""
    return str(url.hostname)


def domain_to_unicode(domain: str) -> str:
    """Return a domain in Unicode, or "" for what is none."""
    return str(ada_url.idna_to_unicode(domain_to_ascii(domain).encode()))


# What Node escapes in a path before a URL is made of it, RFC 1738's unsafe characters among them.
_UNSAFE = {ord(char): f"%{ord(char):02X}" for char in '\0\t\n\r #%?[\\]^|~"'}


def path_to_file_url(path: str) -> Parts:
    """Return the file URL of a path, which must be absolute.

    Raises:
        URLError: ERR_INVALID_ARG_VALUE for a relative path.
    """
    if not path.startswith("/"):
        raise URLError("ERR_INVALID_ARG_VALUE", f"{path!r} is no absolute path")
    resolved = "/" + posixpath.normpath(path).lstrip("/")
    resolved += "/" if path.endswith("/") and resolved != "/" else ""
    return parse("file://" + resolved.translate(_UNSAFE))


def file_url_to_path(text: str) -> str:
    """Return the path of a file URL.

    Raises:
        URLError: ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH, URIError.
    """
    parts = parse(text)
    if parts.protocol != "file:":
        raise URLError("ERR_INVALID_URL_SCHEME", f"{parts.protocol} is not file:")
    if parts.hostname:
        raise URLError("ERR_INVALID_FILE_URL_HOST", f"{parts.hostname!r} is not this machine")
    if "%2f" in parts.pathname.lower():
        raise URLError("ERR_INVALID_FILE_URL_PATH", "an encoded slash")
    return decoded(parts.pathname)
