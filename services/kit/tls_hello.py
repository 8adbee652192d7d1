"""The ClientHello as its sender wrote it, which Python's `ssl` does not show; and what we chose of it.

Read before OpenSSL takes it, and taken apart no further than is asked for: every handshake pays for this.
RFC 8446 4.1.2 (the message), 4.2 (extensions), 5.1 (records), RFC 6066 3 (server_name), RFC 7301 3.1 (ALPN).
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

HANDSHAKE, CLIENT_HELLO, SERVER_HELLO = 22, 1, 2
SERVER_NAME, GROUPS, SIGNATURES, ALPN, VERSIONS, KEY_SHARE = 0, 10, 13, 16, 43, 51
RECORD_HEADER, MESSAGE_HEADER = 5, 4
_SESSION = MESSAGE_HEADER + 2 + 32
"""Where the length of the session's identifier stands in either hello, behind version and random."""
LONGEST = 16 * 1024
"""Bytes of a ClientHello that we read. Browsers' have 2,000; what is longer is OpenSSL's alone."""
_EARLY = frozenset((SERVER_NAME, ALPN))
"""What is judged before OpenSSL is given anything."""
_SHARE = frozenset((KEY_SHARE,))
_EXTENSION = struct.Struct("!HH")
"""Kind and length (RFC 8446, 4.2)."""


class ClientHello(NamedTuple):
    """What a client offers. Numbers are the code points of IANA's TLS registries."""

    octets: bytes
    begin: int
    """Where the extensions begin."""
    name: str | None
    """The server name (RFC 6066, 3); None also for one that is not well formed, which OpenSSL refuses."""
    protocols: bytes
    """The content of the extension for ALPN, empty without one."""

    @property
    def found(self) -> Mapping[int, bytes]:
        """Extension -> its content; where one comes twice, OpenSSL refuses the message."""
        return _extensions(self.octets, self.begin)

    @property
    def alpn(self) -> tuple[bytes, ...]:
        """The protocols, the most wished for first."""
        return listed(self.protocols)

    @property
    def versions(self) -> tuple[int, ...]:
        """Of supported_versions, or the one of old (RFC 8446, 4.2.1)."""
        content = self.found.get(VERSIONS)
        return _numbers(self.octets[4:6]) if content is None else _numbers(content[1:])

    @property
    def suites(self) -> tuple[int, ...]:
        """Cipher suites."""
        start = _SESSION + 1 + self.octets[_SESSION]
        return _numbers(self.octets[start + 2 : start + 2 + int.from_bytes(self.octets[start : start + 2])])

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
    at = _SESSION + 1 + message[_SESSION]
    at += 2 + (message[at] << 8 | message[at + 1])
    begin = at + 1 + message[at]
    found = _extensions(message, begin, _EARLY)
    return ClientHello(message, begin, _name(found.get(SERVER_NAME, b"")), found.get(ALPN, b""))


def _extensions(message: bytes, at: int, wanted: Container[int] = range(2**16)) -> Mapping[int, bytes]:
    """Kind and content of those wanted. Raises IndexError when cut short; a message may do without any."""
    found: dict[int, bytes] = {}
    if at == len(message):
        return found
    end = at + 2 + (message[at] << 8 | message[at + 1])
    if end > len(message):
        raise IndexError
    at, last, take = at + 2, end - _EXTENSION.size, _EXTENSION.unpack_from
    while at <= last:
        kind, length = take(message, at)
        start = at + _EXTENSION.size
        at = start + length
        if kind in wanted:
            found[kind] = message[start:at]
    if at != end:
        raise IndexError
    return found


def choice(flight: bytes) -> bytes:
    """Suite and group of a server's ServerHello or HelloRetryRequest (RFC 8446, 4.1.3), two octets each.

    Empty for one without a group: in TLS 1.2 another message tells it, and by PSK alone there is none.
    """
    if flight[0] != HANDSHAKE or flight[RECORD_HEADER] != SERVER_HELLO:
        return b""
    suite = RECORD_HEADER + _SESSION + 1 + flight[RECORD_HEADER + _SESSION]
    begin = suite + 3
    if begin == RECORD_HEADER + MESSAGE_HEADER + int.from_bytes(flight[RECORD_HEADER + 1 :][:3]):
        return b""
    share = _extensions(flight, begin, _SHARE).get(KEY_SHARE)
    return flight[suite : suite + 2] + share[:2] if share else b""


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


def listed(protocols: bytes) -> tuple[bytes, ...]:
    """The names in the content of an ALPN extension."""
    found, at = [], 2
    while at < len(protocols):
        start, at = at + 1, at + 1 + protocols[at]
        found.append(protocols[start:at])
    return tuple(found)
