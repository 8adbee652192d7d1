"""The request target (RFC 9112 3.2) and the Host field (RFC 9110 7.2)."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

from services.http.reference.h1.errors import BadMessage

# RFC 3986 3.2.2 and 3.2.3, without the comma: no registered name has one, and a list of hosts does.
_REG_NAME = rb"(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+"
_LITERAL = rb"\[([0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+;=:]+)\]"
_AUTHORITY = re.compile(rb"(?:%s|%s)(?::([0-9]{0,5}))?" % (_LITERAL, _REG_NAME))

# RFC 3986 3.3 and 3.4, the octets that the WHATWG URL Standard leaves raw, and UTF-8, which is read as such.
_VISIBLE = re.compile(rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]\\^`{|}\x80-\xff]|%[0-9A-Fa-f]{2})+")
_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+\-.]*)://([^/?]*)(.*)", re.DOTALL)


def authority(value: bytes, what: str = "the Host field") -> str:
    """`value`, being uri-host [ ":" port ]. Raises BadMessage for userinfo, a path, a list, nothing."""
    found = _AUTHORITY.fullmatch(value)
    if not found or int(found[2] or 0) > 65535 or not _is_address(found[1]):
        raise BadMessage(400, f"{what} is not a host with an optional port", "RFC 9112 3.2")
    return value.decode("ascii")


def _is_address(literal: bytes | None) -> bool:
    if literal is None or literal[:1] in b"vV":
        return True
    try:
        IPv6Address(literal.decode("ascii"))
    except AddressValueError:
        return False
    return True


def check_target(method: str, target: bytes, scheme: str) -> str | None:
    """The authority that the target itself names, if it does. Raises BadMessage for a form out of place."""
    if method == "CONNECT":
        return _authority_form(target)
    if target == b"*":
        if method != "OPTIONS":
            raise BadMessage(400, "the target * is for OPTIONS alone", "RFC 9112 3.2.4")
        return None
    if not _VISIBLE.fullmatch(target) or not _is_utf8(target):
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
