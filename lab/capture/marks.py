"""Marks on the wire: where a test begins and how it ended, as datagrams that stand among its packets.

A mark goes to the discard port of the sender's own loopback (RFC 863), where nobody answers and nothing is
kept. So the packets of a test are known by their place between two marks, without comparing clocks, wherever
the suite runs; and they are readable in the capture itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
from dataclasses import asdict, dataclass

PORT = 9
_MAGIC = b"wireyard test mark "
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Mark:
    """`what` is `begin`, `passed`, `failed`, or, for the whole run, `end`; `test` is pytest's node id."""

    what: str
    test: str


def send(mark: Mark, port: int = PORT) -> None:
    """Puts `mark` on the wire."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(_MAGIC + json.dumps(asdict(mark)).encode(), ("127.0.0.1", port))


def found(packet: bytes) -> Mark | None:
    """The mark that `packet` (from any link layer) carries, if it is one."""
    at = packet.find(_MAGIC)
    if at < 0:
        return None
    try:
        told = json.loads(packet[at + len(_MAGIC) :])
        return Mark(str(told["what"]), str(told["test"]))
    except (ValueError, KeyError, TypeError):
        return None


def folder(test: str) -> str:
    """The folder for what a failed test left: its own, readable, and safe in every file system."""
    digest = hashlib.sha256(test.encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", test.removeprefix("tests/")).strip("-.")
    return f"{plain[:_LONGEST]}-{digest}"
