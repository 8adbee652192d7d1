"""Asks a service in its role's own protocol whether it answers; raw sockets and the standard library only.

One probe serves as the health check inside a container (`python3 -m lab.probe`, told by WIREYARD_* variables)
and as the readiness gate from outside. TLS is verified against the yard's CA under the service's authority.
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ECHO = b"wireyard probe\r\n"
# RFC 9113 3.4: the preface, then a SETTINGS frame, which may be empty; 6.8: GOAWAY with NO_ERROR.
H2_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04\x00" + bytes(4)
H2_GOODBYE = b"\x00\x00\x08\x07\x00" + bytes(4) + bytes(8)
H2_SETTINGS = 4


class ProbeError(Exception):
    """The service did not answer as its role must; the text says what came instead."""


@dataclass(frozen=True)
class Target:
    """What to ask: `role`, where (`address`, `port`), whom to expect (`authority`), for at most `seconds`."""

    role: str
    address: str
    port: int
    authority: str
    ca: str | None = None
    seconds: float = 2.0


def probe(target: Target) -> None:
    """Returns when `target` answers in its protocol; raises ProbeError when it does not."""
    ask = _PROBES.get(target.role)
    if ask is None:
        raise ProbeError(f"nobody knows how to ask a {target.role!r}")
    try:
        ask(target)
    except ssl.SSLError as error:
        raise ProbeError(f"TLS with {target.authority}: {error.reason or error}") from error
    except OSError as error:
        raise ProbeError(f"{target.address}:{target.port}: {error.strerror or error}") from error


def _connect(target: Target) -> socket.socket:
    return socket.create_connection((target.address, target.port), target.seconds)


def _connect_tls(target: Target, alpn: str) -> ssl.SSLSocket:
    if not target.ca or not os.path.exists(target.ca):  # noqa: PTH110 - importing pathlib would double the start
        raise ProbeError(f"no CA file at {target.ca or 'WIREYARD_CA'}")
    context = ssl.create_default_context(cafile=target.ca)
    context.set_alpn_protocols([alpn])
    return context.wrap_socket(_connect(target), server_hostname=target.authority)


def _http1(target: Target) -> None:
    with _connect(target) as connection:
        _ask_http1(connection, target)


def _https(target: Target) -> None:
    with _connect_tls(target, "http/1.1") as connection:
        _ask_http1(connection, target)


def _ask_http1(connection: socket.socket, target: Target) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % target.authority.encode())
    answer = _read(connection, 12)
    if not answer.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")) or answer[9:10] not in b"234":
        raise ProbeError(f"GET / was answered {answer!r}")


def _proxy(target: Target) -> None:
    """A proxy owes no page of its own: any answer in its protocol will do."""
    with _connect(target) as connection:
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % target.authority.encode()
        )
        answer = _read(connection, 9)
    if not answer.startswith(b"HTTP/1."):
        raise ProbeError(f"GET / was answered {answer!r}")


def _h2c(target: Target) -> None:
    with _connect(target) as connection:
        _ask_http2(connection)


def _h2(target: Target) -> None:
    with _connect_tls(target, "h2") as connection:
        if connection.selected_alpn_protocol() != "h2":
            raise ProbeError(f"ALPN chose {connection.selected_alpn_protocol()!r}, not 'h2'")
        _ask_http2(connection)


def _ask_http2(connection: socket.socket) -> None:
    connection.sendall(H2_HELLO)
    header = _read(connection, 9)
    if len(header) < 9 or header[3] != H2_SETTINGS or header[5:] != bytes(4):
        raise ProbeError(f"the HTTP/2 preface was answered {header!r}")
    connection.sendall(H2_GOODBYE)


def _tcp_echo(target: Target) -> None:
    with _connect(target) as connection:
        connection.sendall(ECHO)
        answer = _read(connection, len(ECHO))
    if answer != ECHO:
        raise ProbeError(f"{ECHO!r} was answered {answer!r}")


def _udp_echo(target: Target) -> None:
    answer = _ask_datagram(target, ECHO)
    if answer != ECHO:
        raise ProbeError(f"{ECHO!r} was answered {answer!r}")


def _dns(target: Target) -> None:
    question = _question(target)
    _judge_dns(target, question, _ask_datagram(target, question))


def _dot(target: Target) -> None:
    """RFC 7858 3.3: DNS over TLS, each message behind its length."""
    question = _question(target)
    with _connect_tls(target, "dot") as connection:
        connection.sendall(struct.pack("!H", len(question)) + question)
        _judge_dns(target, question, _read(connection, 14)[2:])


def _question(target: Target) -> bytes:
    """RFC 1035 4.1: a query for the address of the authority, recursion not desired."""
    name = b"".join(bytes([len(label)]) + label.encode() for label in target.authority.split(".")) + b"\0"
    return os.urandom(2) + struct.pack("!5H", 0, 1, 0, 0, 0) + name + b"\0\x01\0\x01"


def _judge_dns(target: Target, question: bytes, answer: bytes) -> None:
    """RFC 1035 4.1.1: our ID, QR set, RCODE 0, at least one answer."""
    good = len(answer) >= 12 and answer[:2] == question[:2] and answer[2] & 0x80 and not answer[3] & 0x0F
    if not good or answer[6:8] == b"\0\0":
        raise ProbeError(f"the address of {target.authority} was answered {answer[:12]!r}")


def _ask_datagram(target: Target, message: bytes) -> bytes:
    family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(target.seconds)
        connection.connect((target.address, target.port))
        connection.send(message)
        return connection.recv(65535)


def _read(connection: socket.socket, size: int) -> bytes:
    """`size` bytes, or what came before the end."""
    data = b""
    while len(data) < size and (more := connection.recv(size - len(data))):
        data += more
    return data


# `proxy` and `vault` answer plain HTTP/1.1 themselves.
_PROBES: Mapping[str, Callable[[Target], None]] = {
    "http1": _http1,
    "https": _https,
    "h2c": _h2c,
    "h2": _h2,
    "tcp-echo": _tcp_echo,
    "udp-echo": _udp_echo,
    "proxy": _proxy,
    "dns": _dns,
    "dot": _dot,
    "vault": _http1,
    "console": _http1,
}


def own_target(environ: Mapping[str, str]) -> Target:
    """The service whose container (or process) has these variables, reached over loopback."""
    role = environ.get("WIREYARD_ROLE", "")
    address = environ.get("WIREYARD_ADDRESS", "*").split(",")[0]
    return Target(
        role=role,
        address="127.0.0.1" if address == "*" else address,
        port=int(environ.get("WIREYARD_PORT", "0")),
        authority=f"{role}.wireyard.test",
        ca=environ.get("WIREYARD_CA"),
    )


def main() -> int:
    """Exit status 0 when the service of this environment answers, else 1 with the reason on stderr."""
    try:
        probe(own_target(os.environ))
    except ProbeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
