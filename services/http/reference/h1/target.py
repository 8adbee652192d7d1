"""The request target (RFC 9112 3.2) and the Host field (RFC 9110 7.2)."""

from __future__ import annotations

import re

from services.http.reference.h1.errors import BadMessage
from services.http.reference.uri import TARGET, is_authority

_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+\-.]*)://([^/?]*)(.*)", re.DOTALL)


def authority(value: bytes, what: str = "the Host field") -> str:
    """`value`, being uri-host [ ":" port ]. Raises BadMessage for userinfo, a path, a list, nothing."""
    if not is_authority(value):
        raise BadMessage(400, f"{what} is not a host with an optional port", "RFC 9112 3.2")
    return value.decode("ascii")


def check_target(method: str, target: bytes, scheme: str) -> str | None:
    """The authority that the target itself names, if it does. Raises BadMessage for a form out of place."""
    if method == "CONNECT":
        return _authority_form(target)
    if target == b"*":
        if method != "OPTIONS":
            raise BadMessage(400, "the target * is for OPTIONS alone", "RFC 9112 3.2.4")
        return None
    if not TARGET.fullmatch(target) or not _is_utf8(target):
        raise BadMessage(400, "the target holds what no URI may", "RFC 9112 3.2")
    return None if target.startswith(b"/") else _absolute_form(target, scheme)


def _authority_form(target: bytes) -> str:
    named = authority(target, "the target of CONNECT")
    if not re.search(r":\d+\Z", named):
        raise BadMessage(400, "the target of CONNECT lacks a port", "RFC 9112 3.2.3")
    return named


def _absolute_form(target: bytes, scheme: str) -> str:
    found = _ABSOLUTE.fullmatch(target)
    if not found:
        raise BadMessage(400, "the target has none of the four forms", "RFC 9112 3.2")
    named = found[1].lower().decode("ascii")
    if named not in ("http", "https"):
        raise BadMessage(400, f"the target's scheme is {named}", "RFC 9112 3.2.2")
    host = authority(found[2], "the target's authority")
    if named != scheme:
        raise BadMessage(421, f"{named} is not served here", "RFC 9110 7.4")
    return host


def _is_utf8(target: bytes) -> bool:
    try:
        target.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
