"""Settings: identifiers, initial values and the values each may take (RFC 9113 6.5.2)."""

import enum
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .errors import ConnectionFault, ErrorCode

_PAIR = struct.Struct(">HI")


class Setting(enum.IntEnum):
    """Registered settings; ENABLE_CONNECT_PROTOCOL is RFC 8441's, NO_RFC7540_PRIORITIES RFC 9218's."""

    HEADER_TABLE_SIZE = 0x1
    ENABLE_PUSH = 0x2
    MAX_CONCURRENT_STREAMS = 0x3
    INITIAL_WINDOW_SIZE = 0x4
    MAX_FRAME_SIZE = 0x5
    MAX_HEADER_LIST_SIZE = 0x6
    ENABLE_CONNECT_PROTOCOL = 0x8
    NO_RFC7540_PRIORITIES = 0x9


UNLIMITED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Rule:
    """The range of a setting, its value before any SETTINGS frame, and the error for leaving the range."""

    initial: int
    least: int
    most: int
    error: ErrorCode
    clause: str


_PROTOCOL = ErrorCode.PROTOCOL_ERROR

RULES: Mapping[int, Rule] = {
    Setting.HEADER_TABLE_SIZE: Rule(4_096, 0, UNLIMITED, _PROTOCOL, "RFC 9113 6.5.2"),
    Setting.ENABLE_PUSH: Rule(1, 0, 1, _PROTOCOL, "RFC 9113 6.5.2"),
    Setting.MAX_CONCURRENT_STREAMS: Rule(UNLIMITED, 0, UNLIMITED, _PROTOCOL, "RFC 9113 6.5.2"),
    Setting.INITIAL_WINDOW_SIZE: Rule(65_535, 0, 2**31 - 1, ErrorCode.FLOW_CONTROL_ERROR, "RFC 9113 6.5.2"),
    Setting.MAX_FRAME_SIZE: Rule(16_384, 16_384, 2**24 - 1, _PROTOCOL, "RFC 9113 6.5.2"),
    Setting.MAX_HEADER_LIST_SIZE: Rule(UNLIMITED, 0, UNLIMITED, _PROTOCOL, "RFC 9113 6.5.2"),
    Setting.ENABLE_CONNECT_PROTOCOL: Rule(0, 0, 1, _PROTOCOL, "RFC 8441 3"),
    Setting.NO_RFC7540_PRIORITIES: Rule(0, 0, 1, _PROTOCOL, "RFC 9218 2.1"),
}


def initial_settings() -> dict[int, int]:
    """What holds for both sides before any SETTINGS frame."""
    return {int(setting): rule.initial for setting, rule in RULES.items()}


def parse(payload: bytes) -> Iterator[tuple[int, int]]:
    """The (identifier, value) pairs of a SETTINGS payload, in order; its length must be a multiple of 6."""
    return _PAIR.iter_unpack(payload)


def check(identifier: int, value: int) -> None:
    """Raise ConnectionFault for a value out of range; unknown settings are ignored (RFC 9113 6.5.2)."""
    rule = RULES.get(identifier)
    if rule is not None and not rule.least <= value <= rule.most:
        raise ConnectionFault(rule.error, f"{Setting(identifier).name} of {value}", rule.clause)
