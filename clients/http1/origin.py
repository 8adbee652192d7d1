"""Where to connect, and whom to expect there."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Origin:
    """One server. `authority` is the Host of requests and the name that its certificate has to have.

    `context` makes it HTTPS. Connections go to `address` and `port`, whatever the authority says.
    """

    address: str
    port: int
    authority: str
    context: ssl.SSLContext | None = None

    @classmethod
    def secure(cls, address: str, port: int, authority: str, ca: Path) -> Origin:
        """An HTTPS origin, verified against the authorities in the PEM file `ca`."""
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["http/1.1"])
        return cls(address, port, authority, context)

    @property
    def server_name(self) -> str | None:
        """The name for SNI and for verification; None without TLS."""
        return self.authority.rpartition(":")[0] or self.authority if self.context else None

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return "https" if self.context else "http"
