"""What the proxy answers: status, fields and a line of text (RFC 9110 15, RFC 9209); HTTP/1.1's bytes of it.

No I/O: the date is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from services.proxy.reference.errors import Fields, Refusal

ALLOW = "CONNECT, GET, HEAD, OPTIONS"


@dataclass(frozen=True, slots=True)
class Answer:
    """One final response; `content` is None where there can be none, as in a 2xx to CONNECT."""

    status: int
    fields: Fields
    content: bytes | None


def established(proxy: str, next_hop: str) -> Answer:
    """The 200 that opens a tunnel: no Content-Length, no Transfer-Encoding (RFC 9110 9.3.6)."""
    return Answer(200, (("Proxy-Status", f"{proxy}; next-hop={quoted(next_hop)}"),), None)


@lru_cache(256)
def opened(proxy: str, next_hop: str, second: int) -> bytes:
    """`established` as HTTP/1.1 sends it; the same for whoever is led to `next_hop` in this second."""
    return http1(established(proxy, next_hop), second)


def refused(proxy: str, refusal: Refusal) -> Answer:
    """An error with its Proxy-Status, and the reason in words as its content."""
    fields = (("Proxy-Status", proxy_status(proxy, refusal)), *refusal.fields)
    return page(refusal.status, refusal.reason, fields)


def page(status: int, text: str, fields: Fields = ()) -> Answer:
    """A line of text."""
    content = f"{text}\n".encode()
    about = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(content))))
    return Answer(status, (*fields, *about), content)


def date(now: float) -> tuple[str, str]:
    """The Date field (RFC 9110 6.6.1); `now` in seconds since the epoch."""
    return "Date", _second(int(now))


def http1(answer: Answer, now: float, *, close: bool = False, body: bool = True) -> bytes:
    """`answer` as HTTP/1.1 sends it (RFC 9112 4); without the content itself for HEAD (`body` false)."""
    closing = (("Connection", "close"),) if close else ()
    lines = [f"HTTP/1.1 {answer.status} {_phrase(answer)}"]
    lines += [f"{name}: {value}" for name, value in (date(now), *answer.fields, *closing)]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head + (answer.content or b"") if body else head


def proxy_status(proxy: str, refusal: Refusal) -> str:
    """The field's value: who, the error, its parameters (RFC 9209 2.1, 2.3)."""
    rcode = f"; rcode={quoted(refusal.rcode)}" if refusal.rcode else ""
    return f"{proxy}; error={refusal.cause}{rcode}; details={quoted(refusal.reason)}"


def quoted(text: str) -> str:
    """A structured string (RFC 8941 3.3.3): printable ASCII, backslash and quote escaped, the rest as `?`."""
    visible = "".join(c if " " <= c <= "~" else "?" for c in text)
    return '"' + visible.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(2)
def _second(now: int) -> str:
    return formatdate(now, usegmt=True)


def _phrase(answer: Answer) -> str:
    return "Connection established" if answer.content is None else HTTPStatus(answer.status).phrase
