"""What a peer may cost us, as budgets that refill with time and with useful work.

Each kind of cheap-to-send frame has a budget: `burst` at once, `per_second` from then on. The core
has no clock; whoever drives it calls `Budgets.refill(seconds)`. A peer that exceeds a budget is told
ENHANCE_YOUR_CALM (RFC 9113 10.5).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import ConnectionFault, ErrorCode


class Cost(enum.IntEnum):
    """Kinds of frame that make work and carry nothing."""

    RESET = 0
    PROVOKED_RESET = 1
    SETTINGS = 2
    PING = 3
    PRIORITY = 4
    EMPTY_DATA = 5
    SMALL_DATA = 6
    WINDOW_UPDATE = 7
    IGNORED = 8


@dataclass(frozen=True, slots=True)
class Budget:
    """`burst` frames at once and `per_second` in the long run; `attack` names what it stops."""

    burst: int
    per_second: int
    attack: str


BUDGETS: Mapping[Cost, Budget] = {
    Cost.RESET: Budget(500, 100, "rapid reset (CVE-2023-44487)"),
    Cost.PROVOKED_RESET: Budget(500, 100, "made-you-reset (CVE-2025-8671)"),
    Cost.SETTINGS: Budget(100, 10, "SETTINGS flood (CVE-2019-9515)"),
    Cost.PING: Budget(500, 50, "PING flood (CVE-2019-9512)"),
    Cost.PRIORITY: Budget(2_000, 200, "PRIORITY flood (CVE-2019-9513)"),
    Cost.EMPTY_DATA: Budget(500, 50, "empty frames (CVE-2019-9518)"),
    Cost.SMALL_DATA: Budget(20_000, 2_000, "data dribble, inbound"),
    Cost.WINDOW_UPDATE: Budget(5_000, 500, "WINDOW_UPDATE flood"),
    Cost.IGNORED: Budget(1_000, 100, "frames of unknown types or on streams that are gone"),
}

SMALL_DATA_SIZE = 64
"""DATA with fewer octets than this, without END_STREAM, is small."""

MAX_CONTINUATIONS = 64
"""CONTINUATION frames in one field block (CVE-2024-27316)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one session, in octets where not said otherwise."""

    concurrent_streams: int = 128
    field_block: int = 65_536
    """A field block as it comes: HEADERS and CONTINUATION together."""
    field_section: int = 32_768
    """A decoded field section (SETTINGS_MAX_HEADER_LIST_SIZE); a larger request is answered 431."""
    decoded_section: int = 262_144
    """A decoded field section past which the session ends: an HPACK bomb."""
    stream_window: int = 262_144
    session_window: int = 1_048_576
    remembered_resets: int = 1_024
    """Streams that we have reset, whose late frames are still told from illegal ones."""
    frame_size: int = 16_384
    """SETTINGS_MAX_FRAME_SIZE as we announce it."""
    budgets: Mapping[Cost, Budget] = field(default_factory=lambda: BUDGETS)


class Budgets:
    """What one peer has left of each budget."""

    __slots__ = ("_left", "_rules")

    def __init__(self, rules: Mapping[Cost, Budget]) -> None:
        self._rules = rules
        self._left = [rules[cost].burst for cost in Cost]

    def spend(self, cost: Cost) -> None:
        """Count one frame; raises ConnectionFault ENHANCE_YOUR_CALM when the budget is used up."""
        self._left[cost] -= 1
        if self._left[cost] < 0:
            attack = self._rules[cost].attack
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, attack, "RFC 9113 10.5")

    def earn(self, cost: Cost, amount: int) -> None:
        """Give back for work that makes such frames natural, such as WINDOW_UPDATE after DATA."""
        self._left[cost] = min(self._left[cost] + amount, self._rules[cost].burst)

    def refill(self, seconds: float) -> None:
        """Let `seconds` have passed."""
        for cost in Cost:
            self.earn(cost, int(self._rules[cost].per_second * seconds))
