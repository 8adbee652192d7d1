"""The two ends of a transport, in the form that the journal names them."""

from __future__ import annotations

import asyncio
from typing import Any

Address = tuple[Any, ...]


def ends(transport: asyncio.BaseTransport) -> tuple[Address, Address]:
    """(peer, local) of `transport`: (address, port, …), (path,) for a Unix socket, () for a nameless end."""
    return _end(transport, "peername"), _end(transport, "sockname")


def _end(transport: asyncio.BaseTransport, which: str) -> Address:
    name = transport.get_extra_info(which)
    if isinstance(name, tuple):
        return name
    return (name,) if name else ()
