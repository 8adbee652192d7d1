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
        tls_port: port of DNS over TLS (RFC 7858); None for none.
        rate_limit: like answers a second to one network before they are dropped; 0 for no limit.
        upstreams: servers that are asked about other zones, `ADDRESS` or `ADDRESS:PORT`; none by default.
        upstream_timeout: seconds that one of them has for an answer.
    """

    zones: Path = ZONES
    idle: float = 10.0
    connections: int = 512
    pipeline: int = 64
    tls_port: int | None = None
    rate_limit: int = 0
    upstreams: tuple[str, ...] = ()
    upstream_timeout: float = 1.5
