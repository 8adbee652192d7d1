"""What the DNS service is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.kit.settings import Settings

ZONES = Path(__file__).resolve().parent.parent / "zones"


@dataclass(frozen=True, slots=True, kw_only=True)
class DNSSettings(Settings):
    """Settings of the DNS service.

    Attributes:
        zones: directory of `NAME.zone` files.
        idle: seconds that a TCP connection may be silent (RFC 7766 6.2.3).
        connections: most TCP connections at once; another one ends the oldest idle one.
        pipeline: most queries of one connection that wait for an answer.
    """

    zones: Path = ZONES
    idle: float = 10.0
    connections: int = 512
    pipeline: int = 64
