"""A client whose TLS runs in memory: its records can be looked at, and sent as one likes."""

from __future__ import annotations

import socket
import ssl

from tests.http.tls.conftest import Site

WHOLE = 1 << 20


class Raw:
    """One connection to a site. `received` holds all that the server has sent, as it crossed the wire."""

    def __init__(self, site: Site, case: str = "", context: ssl.SSLContext | None = None) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or site.context()).wrap_bio(
            self._incoming, self._outgoing, server_hostname=site.name(case)
        )
        self.sock = site.connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def shake(self, piece: int = WHOLE) -> None:
        """The whole handshake, sending `piece` bytes at a time."""
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(piece)
                self._fill()
            else:
                self._flush(piece)
                return

    def flush(self) -> None:
        """Sends what OpenSSL has written."""
        self._flush(WHOLE)

    def send(self, data: bytes) -> None:
        self.tls.write(data)
        self._flush(WHOLE)

    def receive(self) -> bytes:
        """The next content; b"" is a close_notify. Raises ssl.SSLError for FIN without one, or an alert."""
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                self._flush(WHOLE)
                self._fill()

    def close_notify(self) -> None:
        """Ends the client's side alone (RFC 8446, 6.1). OpenSSL wants what has come to be read first."""
        try:
            while self.tls.read(65536):
                continue
        except ssl.SSLWantReadError:
            self._flush(WHOLE)
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            self._flush(WHOLE)

    def _fill(self) -> None:
        data = self.sock.recv(65536)
        self.received += data
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self, piece: int) -> None:
        data = self._outgoing.read()
        for start in range(0, len(data), piece):
            self.sock.sendall(data[start : start + piece])
