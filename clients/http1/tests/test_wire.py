"""clients/http1/wire.py: what a connection that breaks costs, and what it does not."""

from __future__ import annotations

import socket
import struct

import pytest

from clients.http1 import ConnectionClosedError, Origin
from clients.http1.wire import Wire

ABORT = struct.pack("ii", 1, 0)
"""For SO_LINGER: close by a reset."""


async def test_an_end_that_comes_too_late_is_no_error_of_its_own() -> None:
    """What the server said before it reset the connection is still to be read; then the reset shows."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = Origin("127.0.0.1", server.getsockname()[1], "a.wireyard.test")
        async with Wire(origin, within=5) as wire:
            peer, _ = server.accept()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            peer.close()
            wire.write_eof()
            with pytest.raises(ConnectionClosedError):
                await wire.read()
