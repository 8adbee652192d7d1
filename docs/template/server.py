"""A TCP echo server in a few lines of the standard library, to be replaced by yours."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import cast


class Echo(asyncio.Protocol):
    """Sends back what comes, until the client ends it."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Its bytes go back; when it ends, so does the connection."""
        self.transport.write(data)

    def pause_writing(self) -> None:
        """A client that does not read may send no more either."""
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It has read, and may go on."""
        self.transport.resume_reading()


async def main() -> None:
    """Listens where the yard says: a container on every address, a plain process on the one it is told."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    address, port = os.environ.get("WIREYARD_ADDRESS", "*"), os.environ.get("WIREYARD_PORT", "7")
    await loop.create_server(Echo, None if address == "*" else address, int(port), backlog=1024)
    await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
