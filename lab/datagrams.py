"""The datagrams of a relay (lab/relay.py), on plain sockets: asyncio's transports send no empty one in 3.11.

What cannot be passed on, to a full buffer or a port where nobody listens, is lost, as on any network.
Standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import OrderedDict
from typing import Any

LONGEST = 65_535
# Peers that are remembered; the one that was silent longest is forgotten first.
PEERS = 1024

Where = tuple[str, int]


class Datagrams:
    """Relays what comes to `near`: one far socket for each peer, so that answers find their way."""

    def __init__(self, near: Where, target: Where) -> None:
        self._loop = asyncio.get_running_loop()
        self._target = socket.getaddrinfo(*target, type=socket.SOCK_DGRAM)[0]
        self._peers: OrderedDict[Any, socket.socket] = OrderedDict()
        family, kind, protocol, _, address = socket.getaddrinfo(*near, type=socket.SOCK_DGRAM)[0]
        self._near = socket.socket(family, kind, protocol)
        self._near.setblocking(False)
        self._near.bind(address)
        self._loop.add_reader(self._near, self._asked)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._near.getsockname()[1])

    def close(self) -> None:
        """Ends the near socket, and every far one with it."""
        for end in (self._near, *self._peers.values()):
            self._end(end)

    def _asked(self) -> None:
        with contextlib.suppress(OSError):
            data, peer = self._near.recvfrom(LONGEST)
            self._far(peer).send(data)

    def _answered(self, far: socket.socket, peer: Any) -> None:
        with contextlib.suppress(OSError):
            self._near.sendto(far.recv(LONGEST), peer)

    def _far(self, peer: Any) -> socket.socket:
        if peer not in self._peers:
            self._peers[peer] = self._opened(peer)
            if len(self._peers) > PEERS:
                self._end(self._peers.popitem(last=False)[1])
        self._peers.move_to_end(peer)
        return self._peers[peer]

    def _opened(self, peer: Any) -> socket.socket:
        family, kind, protocol, _, address = self._target
        far = socket.socket(family, kind, protocol)
        far.setblocking(False)
        far.connect(address)
        self._loop.add_reader(far, self._answered, far, peer)
        return far

    def _end(self, end: socket.socket) -> None:
        self._loop.remove_reader(end)
        end.close()
