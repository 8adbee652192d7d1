"""What a server sends as its chain, and staples to it, read from the wire and neither trusted nor verified.

In TLS 1.2 the Certificate and CertificateStatus messages cross in the clear (RFC 5246 7.4.2, RFC 6066 8), so
a ClientHello that asks for both and a reader of records see what a verifying client only says no to. A server
without TLS 1.2 shows nothing this way.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

HANDSHAKE, ALERT = 22, 21
CERTIFICATE, HELLO_DONE, CERTIFICATE_STATUS = 11, 14, 22
STATUS_REQUEST = bytes((0, 5, 0, 5, 1, 0, 0, 0, 0))
"""The extension that asks for a staple: OCSP, of any responder (RFC 6066, 8). Python's OpenSSL never asks."""


@dataclass(frozen=True)
class Sent:
    """The certificates, leaf first, and the OCSP response that came with them (DER), if one did."""

    chain: tuple[x509.Certificate, ...] = ()
    staple: bytes | None = None


def sent_by(address: str, port: int, name: str, within: float) -> Sent:
    """What the server sends for `name`; nothing when it shows nothing in the clear.

    Raises OSError when there is no connection, ValueError for bytes that are no TLS.
    """
    chain: tuple[x509.Certificate, ...] = ()
    staple = None
    with socket.create_connection((address, port), timeout=within) as sock:
        sock.sendall(_asking_for_status(_hello(name)))
        for kind, body in _messages(sock):
            if kind == CERTIFICATE:
                chain = tuple(x509.load_der_x509_certificate(der) for der in _certificates(body))
            elif kind == CERTIFICATE_STATUS:
                staple = body[4 : 4 + int.from_bytes(body[1:4])]
            elif kind == HELLO_DONE:
                break
    return Sent(chain, staple)


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


def _asking_for_status(hello: bytes) -> bytes:
    """A ClientHello with one extension more at its end (RFC 5246, 7.4.1.2)."""
    version, body = hello[1:3], hello[9:]
    at = 34  # behind the version and the random bytes
    for size in (1, 2, 1):  # the session, the suites, the compressions
        at += size + int.from_bytes(body[at : at + size])
    extensions = body[at + 2 :] + STATUS_REQUEST
    body = body[:at] + len(extensions).to_bytes(2) + extensions
    message = b"\x01" + len(body).to_bytes(3) + body
    return bytes((HANDSHAKE,)) + version + len(message).to_bytes(2) + message


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
