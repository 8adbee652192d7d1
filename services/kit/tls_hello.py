"""The ClientHello as its sender wrote it: the offer that Python's `ssl` does not show.

Read before OpenSSL takes it, and taken apart no further than is asked for: every handshake pays for this.
RFC 8446 4.1.2 (the message), 4.2 (extensions), 5.1 (records), RFC 6066 3 (server_name), RFC 7301 3.1 (ALPN).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

HANDSHAKE, CLIENT_HELLO = 22, 1
SERVER_NAME, GROUPS, SIGNATURES, ALPN, VERSIONS, KEY_SHARE = 0, 10, 13, 16, 43, 51
RECORD_HEADER, MESSAGE_HEADER = 5, 4
LONGEST = 16 * 1024
"""Bytes of a ClientHello that we read. Browsers' have 2,000; what is longer is OpenSSL's alone."""
_EXTENSION = struct.Struct("!HH")
"""Kind and length (RFC 8446, 4.2)."""


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client offers. Numbers are the code points of IANA's TLS registries."""

    octets: bytes
    legacy: int
    ciphers: bytes
    found: Mapping[int, bytes]
    """Extension -> its content; where one comes twice, OpenSSL refuses the message."""
    name: str | None
    """The server name (RFC 6066, 3); None also for one that is not well formed, which OpenSSL refuses."""

    @property
    def alpn(self) -> tuple[bytes, ...]:
        """The protocols, the most wished for first."""
        content = self.found.get(ALPN)
        return tuple(_protocols(content[2:])) if content else ()

    @property
    def versions(self) -> tuple[int, ...]:
        """Of supported_versions, or the one of old (RFC 8446, 4.2.1)."""
        content = self.found.get(VERSIONS)
        return (self.legacy,) if content is None else _numbers(content[1:])

    @property
    def suites(self) -> tuple[int, ...]:
        """Cipher suites."""
        return _numbers(self.ciphers)

    @property
    def groups(self) -> tuple[int, ...]:
        """Groups for the key exchange."""
        return _numbers(self.found.get(GROUPS, b"")[2:])

    @property
    def key_shares(self) -> tuple[int, ...]:
        """The groups for which there is a share already."""
        return tuple(_shares(self.found.get(KEY_SHARE, b"")[2:]))

    @property
    def signatures(self) -> tuple[int, ...]:
        """Signature schemes."""
        return _numbers(self.found.get(SIGNATURES, b"")[2:])

    @property
    def extensions(self) -> tuple[int, ...]:
        """Every extension, in the client's order."""
        return tuple(self.found)


def gather(octets: bytes) -> bytes | None:
    """The first handshake message of a connection, from one record or several; None while it is not whole.

    Raises ValueError for what is no handshake, or longer than LONGEST.
    """
    message, at = b"", 0
    while len(octets) - at >= RECORD_HEADER:
        if octets[at] != HANDSHAKE:
            raise ValueError("not a record of the handshake")
        start = at + RECORD_HEADER
        at = start + int.from_bytes(octets[at + 3 : start])
        message += octets[start:at]
        if at <= len(octets) and len(message) >= MESSAGE_HEADER:
            size = MESSAGE_HEADER + int.from_bytes(message[1:MESSAGE_HEADER])
            if len(message) >= size:
                return message[:size]
    if len(octets) > LONGEST:
        raise ValueError(f"the ClientHello is longer than {LONGEST} bytes")
    return None


def parse(message: bytes) -> ClientHello:
    """Read a ClientHello. Raises ValueError for anything else, or when cut short."""
    try:
        return _parse(message)
    except IndexError:
        raise ValueError("the ClientHello is cut short") from None


def _parse(message: bytes) -> ClientHello:
    if message[0] != CLIENT_HELLO:
        raise ValueError("not a ClientHello")
    legacy, at = message[4] << 8 | message[5], 38
    at += 1 + message[at]
    suites, at = _block(message, at, 2)
    at += 1 + message[at]
    found = _extensions(_block(message, at, 2)[0]) if at < len(message) else {}
    return ClientHello(message, legacy, suites, found, _name(found.get(SERVER_NAME, b"")))


def _block(data: bytes, at: int, width: int) -> tuple[bytes, int]:
    """The bytes behind a length of `width` bytes at `at`, and where they end."""
    start = at + width
    end = start + int.from_bytes(data[at:start])
    if start > len(data) or end > len(data):
        raise IndexError
    return data[start:end], end


def _extensions(block: bytes) -> Mapping[int, bytes]:
    found: dict[int, bytes] = {}
    at, end = 0, len(block)
    while at + _EXTENSION.size <= end:
        kind, length = _EXTENSION.unpack_from(block, at)
        start = at + _EXTENSION.size
        at = start + length
        found[kind] = block[start:at]
    if at != end:
        raise IndexError
    return found


def _name(content: bytes) -> str | None:
    """The one host_name of a list (RFC 6066, 3)."""
    if content[2:3] != b"\0" or int.from_bytes(content[3:5]) != len(content) - 5:
        return None
    return content[5:].decode("ascii", "backslashreplace")


def _numbers(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[at : at + 2]) for at in range(0, len(data) - 1, 2))


def _shares(data: bytes) -> Iterator[int]:
    at = 0
    while at + 4 <= len(data):
        yield int.from_bytes(data[at : at + 2])
        at += 4 + int.from_bytes(data[at + 2 : at + 4])


def _protocols(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        start, at = at + 1, at + 1 + data[at]
        yield data[start:at]
