"""What the TCP echo service is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.kit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoSettings(Settings):
    """Beside the port: a Unix socket at `unix`, and `loopback_port` on 127.0.0.1 alone.

    `allow_half_open` false drops what is not yet echoed when the client's FIN comes. `buffer` is how many
    bytes wait for a slow reader before the service stops reading from it. Durations are seconds.
    """

    role: str = "tcp-echo"
    port: int = 7
    unix: Path | None = None
    loopback_port: int | None = None
    allow_half_open: bool = True
    idle_timeout: float = 300.0
    max_connections: int = 10_000
    buffer: int = 65_536
    no_delay: bool = True
    keep_alive: bool = True
    keep_alive_delay: int = 60
