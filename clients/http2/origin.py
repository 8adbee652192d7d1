"""Where to connect, and whom to expect there: as for HTTP/1.1, but for ALPN."""

from __future__ import annotations

import ssl
from pathlib import Path

from clients.http1.origin import Origin


def secure(address: str, port: int, authority: str, ca: Path) -> Origin:
    """An origin that is verified against the authorities in the PEM file `ca`, and asked for h2 by ALPN."""
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    return Origin(address, port, authority, context)
