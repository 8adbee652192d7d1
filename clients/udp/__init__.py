"""The UDP client: datagrams with typed errors, connected or not."""

from clients.net.errors import NetError
from clients.udp.datagrams import Datagram, Datagrams, open_datagrams

__all__ = ["Datagram", "Datagrams", "NetError", "open_datagrams"]
