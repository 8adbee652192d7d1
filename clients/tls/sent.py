"""What a server sends as its chain, read from the wire and neither trusted nor verified.

In TLS 1.2 the Certificate message crosses in the clear (RFC 5246, 7.4.2), so a ClientHello and a reader of
records see what a verifying client only says no to. A server without TLS 1.2 shows nothing this way.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from cryptography import x509

HANDSHAKE, ALERT = 22, 21
CERTIFICATE, HELLO_DONE = 11, 14


def chain_sent(address: str, port: int, name: str, within: float) -> tuple[x509.Certificate, ...]:
    """The certificates that the server sends for `name`, leaf first; empty when it shows none in the clear.

    Raises OSError when there is no connection, ValueError for bytes that are no TLS.
    """
    with socket.create_connection((address, port), timeout=within) as sock:
        sock.sendall(_hello(name))
        for kind, body in _messages(sock):
            if kind == CERTIFICATE:
                return tuple(x509.load_der_x509_certificate(der) for der in _certificates(body))
            if kind == HELLO_DONE:
                break
    return ()


def _hello(name: str) -> bytes:
    context = ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.set_alpn_protocols(["h2", "http/1.1"])
    outgoing = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise ValueError("OpenSSL wrote no ClientHello")


def _messages(sock: socket.socket) -> Iterator[tuple[int, bytes]]:
    """Handshake messages, whatever records they came in (RFC 5246, 6.2.1)."""
    pending = b""
    for kind, body in _records(sock):
        if kind != HANDSHAKE:
            return
        pending += body
        while len(pending) >= 4 and len(pending) >= (end := 4 + int.from_bytes(pending[1:4])):
            yield pending[0], pending[4:end]
            pending = pending[end:]


def _records(sock: socket.socket) -> Iterator[tuple[int, bytes]]:
    while header := _exactly(sock, 5):
        if header[0] not in (HANDSHAKE, ALERT, 20, 23) or header[1] != 3:
            raise ValueError(f"{header!r} does not begin a TLS record")
        yield header[0], _exactly(sock, int.from_bytes(header[3:5]))


def _exactly(sock: socket.socket, length: int) -> bytes:
    """That many bytes; b"" when the end comes first."""
    data = b""
    while len(data) < length:
        piece = sock.recv(length - len(data))
        if not piece:
            return b""
        data += piece
    return data


def _certificates(body: bytes) -> Iterator[bytes]:
    at, end = 3, 3 + int.from_bytes(body[:3])
    while at < end:
        start = at + 3
        at = start + int.from_bytes(body[at:start])
        yield body[start:at]
