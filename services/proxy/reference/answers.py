"""What the proxy answers, as bytes (RFC 9112 4, RFC 9209). No I/O: the date is the caller's."""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus

from services.proxy.reference.errors import Fields, Refusal

ALLOW = "CONNECT, GET, HEAD, OPTIONS"


def established(proxy: str, next_hop: str, now: float) -> bytes:
    """The 200 that opens a tunnel: no Content-Length, no Transfer-Encoding (RFC 9110 9.3.6)."""
    status = f"{proxy}; next-hop={quoted(next_hop)}"
    return _head(200, "Connection established", (("Proxy-Status", status),), now)


def refused(proxy: str, refusal: Refusal, now: float, *, close: bool) -> bytes:
    """An error with its Proxy-Status, and the reason in words as its content."""
    fields = (("Proxy-Status", proxy_status(proxy, refusal)), *refusal.fields)
    return page(refusal.status, refusal.reason, now, fields=fields, close=close)


def page(status: int, text: str, now: float, *, fields: Fields = (), close: bool = False) -> bytes:
    """An answer with a line of text."""
    content = f"{text}\n".encode()
    about = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(content))))
    closing = (("Connection", "close"),) if close else ()
    return _head(status, _phrase(status), (*fields, *about, *closing), now) + content


def without_content(message: bytes) -> bytes:
    """What HEAD gets: the same head, and nothing behind it (RFC 9110 9.3.2)."""
    return message[: message.index(b"\r\n\r\n") + 4]


def proxy_status(proxy: str, refusal: Refusal) -> str:
    """The field's value: who, the error, its parameters (RFC 9209 2.1, 2.3)."""
    rcode = f"; rcode={quoted(refusal.rcode)}" if refusal.rcode else ""
    return f"{proxy}; error={refusal.cause}{rcode}; details={quoted(refusal.reason)}"


def quoted(text: str) -> str:
    """A structured string (RFC 8941 3.3.3): printable ASCII, backslash and quote escaped, the rest as `?`."""
    visible = "".join(c if " " <= c <= "~" else "?" for c in text)
    return '"' + visible.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def _head(status: int, phrase: str, fields: Fields, now: float) -> bytes:
    lines = [f"HTTP/1.1 {status} {phrase}", f"Date: {formatdate(now, usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
