"""What the parts of a request's URI may hold, for HTTP/1.1's target and HTTP/2's pseudo-fields alike."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

# RFC 3986 3.2.2 and 3.2.3, without the comma: no registered name has one, and a list of hosts does.
_REG_NAME = rb"(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+"
_LITERAL = rb"\[([0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+;=:]+)\]"
_AUTHORITY = re.compile(rb"(?:%s|%s)(?::([0-9]{0,5}))?" % (_LITERAL, _REG_NAME))

# RFC 3986 3.3 and 3.4, the octets that the WHATWG URL Standard leaves raw, and UTF-8, which is read as such.
_VISIBLE = rb"[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]\\^`{|}\x80-\xff]*+"
TARGET = re.compile(rb"(?=.)%s(?:%%[0-9A-Fa-f]{2}%s)*+" % (_VISIBLE, _VISIBLE))
"""The octets of a path and a query, at least one: no space, no control, no fragment, whole encodings."""


def is_authority(value: bytes) -> bool:
    """Whether `value` is uri-host [ ":" port ]: no userinfo, no path, no list, not nothing."""
    found = _AUTHORITY.fullmatch(value)
    return found is not None and int(found[2] or 0) <= 65535 and _is_address(found[1])


def _is_address(literal: bytes | None) -> bool:
    if literal is None or literal[:1] in b"vV":
        return True
    try:
        IPv6Address(literal.decode("ascii"))
    except AddressValueError:
        return False
    return True
