"""The ClientHello as its sender wrote it: the offer that Python's `ssl` does not show.

Read from the first record, before OpenSSL takes it. RFC 8446 4.1.2 (the message), 4.2 (extensions),
RFC 6066 3 (server_name), RFC 7301 3.1 (application_layer_protocol_negotiation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

HANDSHAKE, CLIENT_HELLO = 22, 1
SERVER_NAME, GROUPS, SIGNATURES, ALPN, VERSIONS, KEY_SHARE = 0, 10, 13, 16, 43, 51
HEADER = 5


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client offers. Numbers are the code points of IANA's TLS registries."""

    versions: tuple[int, ...] = ()
    suites: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    key_shares: tuple[int, ...] = ()
    signatures: tuple[int, ...] = ()
    alpn: tuple[bytes, ...] = ()
    name: str | None = None
    extensions: tuple[int, ...] = field(default=())


def record_length(first: bytes) -> int:
    """The whole length of the record that begins with `first`; 0 while that cannot be known."""
    return HEADER + int.from_bytes(first[3:5]) if len(first) >= HEADER else 0


def parse(record: bytes) -> ClientHello:
    """Read a ClientHello from its first record. Raises ValueError for anything else, or when cut short."""
    try:
        return _parse(record)
    except IndexError:
        raise ValueError("the ClientHello is cut short") from None


def _parse(record: bytes) -> ClientHello:
    if record[0] != HANDSHAKE or record[HEADER] != CLIENT_HELLO:
        raise ValueError("not a ClientHello")
    at = HEADER + 4
    legacy = int.from_bytes(record[at : at + 2])
    at += 34
    at += 1 + record[at]
    suites, at = _block(record, at, 2)
    at += 1 + record[at]
    found = dict(_extensions(record, at))
    return ClientHello(
        versions=_numbers(found[VERSIONS][1:]) if VERSIONS in found else (legacy,),
        suites=_numbers(suites),
        groups=_numbers(found.get(GROUPS, b"")[2:]),
        key_shares=tuple(_shares(found.get(KEY_SHARE, b"")[2:])),
        signatures=_numbers(found.get(SIGNATURES, b"")[2:]),
        alpn=tuple(_protocols(found.get(ALPN, b"")[2:])),
        name=found[SERVER_NAME][5:].decode("ascii", "backslashreplace") if SERVER_NAME in found else None,
        extensions=tuple(found),
    )


def _block(data: bytes, at: int, width: int) -> tuple[bytes, int]:
    """The bytes behind a length of `width` bytes at `at`, and where they end."""
    start = at + width
    end = start + int.from_bytes(data[at:start])
    if end > len(data):
        raise IndexError
    return data[start:end], end


def _extensions(record: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    if at == len(record):
        return
    block, _ = _block(record, at, 2)
    at = 0
    while at < len(block):
        kind = int.from_bytes(block[at : at + 2])
        content, at = _block(block, at + 2, 2)
        yield kind, content


def _numbers(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[at : at + 2]) for at in range(0, len(data) - 1, 2))


def _shares(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        yield int.from_bytes(data[at : at + 2])
        _, at = _block(data, at + 2, 2)


def _protocols(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        name, at = _block(data, at, 1)
        yield name
