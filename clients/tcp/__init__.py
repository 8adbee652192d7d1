"""The TCP client: a stream with typed errors, and an echo that checks what comes back."""

from clients.net.errors import NetError
from clients.net.stream import Stream, connect, connect_unix
from clients.tcp.echo import echo

__all__ = ["NetError", "Stream", "connect", "connect_unix", "echo"]
