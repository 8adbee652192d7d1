"""Priority signals as received: RFC 7540 5.3 (weights and dependencies) and RFC 9218 (urgency).

RFC 9113 5.3 deprecates the former: they are checked and reported, and schedule nothing. Urgency and
`i` of RFC 9218 do order what waits for window.
"""

import re
import struct
from dataclasses import dataclass

DEFAULT_WEIGHT = 16
DEFAULT_URGENCY = 3

_PRIORITY = struct.Struct(">IB")
_MEMBER = re.compile(rb"\s*([a-z*][a-z0-9_.*-]*)(?:=([^,;]*))?(?:;[^,]*)?\s*")


@dataclass(frozen=True, slots=True)
class Dependency:
    """A priority signal of RFC 7540: weight is 1 to 256."""

    depends_on: int
    weight: int
    exclusive: bool


@dataclass(frozen=True, slots=True)
class Urgency:
    """A priority of RFC 9218 4: urgency 0 (first) to 7, and whether it may be interleaved."""

    urgency: int = DEFAULT_URGENCY
    incremental: bool = False


def parse_dependency(payload: bytes) -> Dependency:
    """The five octets of a PRIORITY frame, or of HEADERS with the PRIORITY flag (RFC 7540 6.2, 6.3)."""
    word, weight = _PRIORITY.unpack_from(payload)
    return Dependency(word & 0x7FFF_FFFF, weight + 1, bool(word >> 31))


def parse_urgency(value: bytes) -> Urgency:
    """A Priority Field Value; what is out of range or unknown is ignored (RFC 9218 4)."""
    urgency, incremental = DEFAULT_URGENCY, False
    for member in value.split(b","):
        match = _MEMBER.fullmatch(member)
        if match is None:
            continue
        key, item = match[1], (match[2] or b"").strip()
        if key == b"u" and item in (b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7"):
            urgency = int(item)
        elif key == b"i" and item in (b"", b"?1", b"?0"):
            incremental = item != b"?0"
    return Urgency(urgency, incremental)
