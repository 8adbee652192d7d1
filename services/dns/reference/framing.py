"""Messages in a stream, each with its length in two octets before it (RFC 1035 4.2.2, RFC 7766 8)."""

from __future__ import annotations

BATCH = 64
"""Messages that are taken in one go."""


def messages(octets: bytes, start: int) -> list[bytes]:
    """Return the whole messages from `start` on, a batch at most."""
    found: list[bytes] = []
    last = len(octets)
    while start + 2 <= last and len(found) < BATCH:
        end = start + 2 + (octets[start] << 8 | octets[start + 1])
        if end > last:
            break
        found.append(octets[start + 2 : end])
        start = end
    return found


def framed(message: bytes) -> bytes:
    """Return `message` with its length before it."""
    return len(message).to_bytes(2) + message
