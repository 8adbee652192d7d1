"""A TLS client for https and h2 on Python's `ssl`: verification is always on."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab.topology import Endpoint

SPEAKS = {"https": "http/1.1", "h2": "h2"}
"""Role -> its protocol by ALPN."""
GREETING = {
    "https": b"OPTIONS * HTTP/1.1\r\nHost: %b\r\n\r\n",
    "h2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"),
}
"""Role -> bytes that its protocol answers at once."""
WITHIN = 10.0


@dataclass(frozen=True)
class Site:
    """One TLS service: where it is, whom to expect, whom to trust."""

    role: str
    where: Endpoint
    ca: Path
    opened: list[socket.socket] = field(default_factory=list)
    """Closed when the test is over, whichever way it went."""

    @property
    def greeting(self) -> bytes:
        template = GREETING[self.role]
        return template % self.where.authority.encode() if b"%b" in template else template

    def name(self, case: str = "") -> str:
        """The server name of a case, or the service's own."""
        return f"{case}.{self.where.authority}" if case else self.where.authority

    def context(self, *alpn: str) -> ssl.SSLContext:
        """A client that offers the role's protocol, or those given."""
        context = ssl.create_default_context(cafile=self.ca)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF  # set by Python before 3.11.4
        context.hostname_checks_common_name = False
        context.set_alpn_protocols(list(alpn) or [SPEAKS[self.role]])
        return context

    def connect(self) -> socket.socket:
        sock = socket.create_connection((self.where.address, self.where.port), timeout=WITHIN)
        self.opened.append(sock)
        return sock

    def secure(
        self,
        case: str = "",
        context: ssl.SSLContext | None = None,
        session: ssl.SSLSession | None = None,
        name: str | None = None,
    ) -> ssl.SSLSocket:
        """A connection after its handshake. Raises ssl.SSLError."""
        raw = self.connect()
        sock = (context or self.context()).wrap_socket(
            raw,
            server_hostname=name or self.name(case),
            session=session,
            suppress_ragged_eofs=False,
        )
        self.opened.append(sock)
        return sock


@pytest.fixture(params=list(SPEAKS))
def role(request: pytest.FixtureRequest) -> str:
    """Each role that speaks TLS."""
    return str(request.param)


@pytest.fixture
def site(role: str, endpoint: Callable[..., Endpoint], ca: Path) -> Iterator[Site]:
    """The service under test."""
    site = Site(role, endpoint(role), ca)
    yield site
    for sock in site.opened:
        sock.close()


def read_all(sock: socket.socket) -> bytes:
    """Everything until the end."""
    return b"".join(iter(lambda: sock.recv(65536), b""))
