"""A TCP echo server in a few lines of the standard library, to be replaced by yours."""

from __future__ import annotations

import os
import signal
import socket
import socketserver
import sys
from types import FrameType


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes."""

    def handle(self) -> None:
        """One connection, until the client ends it."""
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    """A thread a connection."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024


def stop(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends it at once."""
    sys.exit(0)


def main() -> None:
    """Listens where the yard says: a container on every address, a plain process on the one it is told."""
    address = os.environ.get("WIREYARD_ADDRESS", "*")
    if address == "*":
        address, Server.address_family = "::", socket.AF_INET6
    signal.signal(signal.SIGTERM, stop)
    with Server((address, int(os.environ.get("WIREYARD_PORT", "7"))), Echo) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
