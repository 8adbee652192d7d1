"""What the proxy is told."""

from __future__ import annotations

from dataclasses import dataclass

from services.kit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings(Settings):
    """`allow` is what may be dialled (see policy.py), `deny` what only an exact line of `allow` opens.

    `resolver` is `ADDRESS:PORT` of a DNS server; without it only addresses can be dialled. `users` are
    `NAME:PASSWORD` pairs; with none, everybody may ask. `per_client` and `tunnels` bound what is open at
    once. Times are seconds, 0 meaning no limit but for `resolve_timeout`.
    """

    role: str = "proxy"
    port: int = 3128
    tls_port: int | None = None
    name: str = "proxy.wireyard.test"
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    resolver: str | None = None
    users: tuple[str, ...] = ()
    tunnels: int = 10_000
    per_client: int = 10_000
    head_timeout: float = 10.0
    resolve_timeout: float = 5.0
    dial_timeout: float = 10.0
    idle_timeout: float = 600.0
    lifetime: float = 0.0
    buffer: int = 262_144
