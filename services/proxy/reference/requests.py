"""What a request asks of the proxy: a tunnel, its own page, or something it does not do. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from services.proxy.reference.answers import ALLOW
from services.proxy.reference.errors import Cause, Malformed, Refusal
from services.proxy.reference.head import Head
from services.proxy.reference.target import Target, parse_target


@dataclass(frozen=True, slots=True)
class Page:
    """An ordinary request to the proxy itself: a line of text, or for OPTIONS what is allowed."""

    text: str
    fields: tuple[tuple[str, str], ...] = ()


def form(target: str) -> str:
    """Which of the four forms of RFC 9112 3.2 `target` has."""
    if target == "*":
        return "asterisk"
    if target.startswith("/"):
        return "origin"
    return "absolute" if "://" in target else "authority"


def understand(head: Head) -> Target | Page:
    """The meaning of a well-formed head. Raises Refusal: 400 for a wrong form, 405 for what is not done."""
    kind = form(head.target)
    if head.method == "CONNECT":
        return _tunnel(head)
    if kind == "absolute":
        raise _not_done("this proxy tunnels and does not forward: ask with CONNECT", "CONNECT")
    if kind == "authority" or (kind == "asterisk" and head.method != "OPTIONS"):
        raise Malformed(f"{head.method} cannot have this form of target")
    if head.method in {"GET", "HEAD"}:
        return Page("okay")
    if head.method == "OPTIONS":
        return Page("okay", (("Allow", ALLOW),))
    raise _not_done("the proxy itself answers GET, HEAD and OPTIONS, and tunnels with CONNECT", ALLOW)


def _tunnel(head: Head) -> Target:
    """RFC 9110 9.3.6: CONNECT has no content, so fields that announce some are an attempt to smuggle."""
    if head.has_content:
        raise Malformed("CONNECT has no content")
    return parse_target(head.target)


def _not_done(reason: str, allow: str) -> Refusal:
    return Refusal(405, Cause.REQUEST_DENIED, reason, (("Allow", allow),))
