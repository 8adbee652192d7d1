"""Response rate limiting: a server that answers forged askers floods whoever they pretend to be.

Like answers to one network are counted together; past the rate, most are dropped, and one in `slip` is
sent truncated, so that an honest client behind the same network comes again over TCP.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import ip_address

from services.dns.reference.wire import HEADER, TC

MOST = 65_536
NETWORKS = {4: 3, 16: 8}  # octets of an address: /24 of IPv4 and /64 of IPv6 count as one asker


class Verdict(Enum):
    """What becomes of an answer."""

    SEND = "send"
    SLIP = "slip"
    DROP = "drop"


class RateLimiter:
    """Token buckets by network and answer.

    Args:
        rate: like answers a second to one network.
        slip: one in this many answers over the rate is sent truncated; 0 for none.
    """

    def __init__(self, rate: int, slip: int = 2) -> None:
        self._rate = rate
        self._slip = slip
        self._buckets: dict[tuple[bytes, bytes], tuple[float, float]] = {}
        self.dropped = 0
        self.slipped = 0

    def judge(self, address: str, answer: bytes, now: float) -> Verdict:
        """Return what becomes of `answer`, due to `address` at `now` (seconds of any clock)."""
        key = (_network(address), _kind(answer))
        tokens, at = self._buckets.get(key, (float(self._rate), now))
        tokens = min(self._rate, tokens + (now - at) * self._rate) - 1
        if len(self._buckets) >= MOST:
            self._buckets.clear()
        self._buckets[key] = (max(tokens, -1.0), now)
        if tokens >= 0:
            return Verdict.SEND
        over = self.dropped + self.slipped + 1
        if self._slip and over % self._slip == 0:
            self.slipped += 1
            return Verdict.SLIP
        self.dropped += 1
        return Verdict.DROP


def _network(address: str) -> bytes:
    packed = ip_address(address).packed
    return packed[: NETWORKS[len(packed)]]


def _kind(answer: bytes) -> bytes:
    """Return what makes answers alike: the question if it has data, otherwise the code alone."""
    counts = answer[6:8]
    rcode = answer[3:4]
    if rcode[0] & 0xF or counts == b"\0\0":
        return bytes((rcode[0] & 0xF,))
    return _question(answer).lower()


def _question(answer: bytes) -> bytes:
    position = HEADER.size
    while position < len(answer) and answer[position]:
        position += 1 + answer[position]
    return answer[HEADER.size : position + 5]


def slipped(answer: bytes) -> bytes:
    """Return a truncated answer: header and question, TC set."""
    question = _question(answer) if answer[4:6] == b"\0\1" else b""
    header = answer[:2] + bytes((answer[2] | TC >> 8,)) + answer[3:6] + bytes(6)
    return header + question
