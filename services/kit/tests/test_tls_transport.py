"""What the TLS transport asks of TCP's, in which order."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from services.kit.tests.tls_server import NAME, client_context, issue
from services.kit.tls_transport import TLSTransport

Bios = tuple[ssl.MemoryBIO, ssl.MemoryBIO]


class Lower(asyncio.Transport):
    """TCP's side: notes what is asked of it."""

    def __init__(self, asked: list[object]) -> None:
        super().__init__()
        self._asked = asked

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """The test plays the network itself."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._asked.append(bytes(data))

    def pause_reading(self) -> None:
        self._asked.append("pause")

    def resume_reading(self) -> None:
        self._asked.append("resume")

    def abort(self) -> None:
        self._asked.append("abort")


class Upper(asyncio.Protocol):
    """A protocol that holds its transport back as often as `pauses` says."""

    def __init__(self, asked: list[object], pauses: int) -> None:
        self._asked, self._pauses = asked, pauses
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked.append(len(data))
        if self._pauses:
            self._pauses -= 1
            self.transport.pause_reading()


def established(store: Path) -> tuple[ssl.SSLObject, Bios, Callable[[bytes], bytes]]:
    """The server's end of a connection, and what encrypts for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(store / "https/cert.pem", store / "https/key.pem")
    bios, incoming, outgoing = (ssl.MemoryBIO(), ssl.MemoryBIO()), ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(*bios, server_side=True)
    client = client_context(store).wrap_bio(incoming, outgoing, server_hostname=NAME)
    for end in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):  # the other end goes on
            end.do_handshake()
        bios[0].write(outgoing.read())
        incoming.write(bios[1].read())

    def encrypt(data: bytes) -> bytes:
        client.write(data)
        return outgoing.read()

    return server, bios, encrypt


@pytest.mark.parametrize(
    ("pauses", "then"),
    [(1, [32_768, 32_768, "resume"]), (2, [32_768, "pause"])],
)
async def test_more_is_let_in_only_once_what_is_here_was_taken(
    tmp_path: Path, pauses: int, then: list[object]
) -> None:
    issue(tmp_path)
    server, bios, encrypt = established(tmp_path)
    asked: list[object] = []
    upper = Upper(asked, pauses)
    transport = TLSTransport(Lower(asked), server, bios, {}, lambda: None)
    transport.start(upper)
    asked.clear()  # the tickets
    transport.data_received(encrypt(bytes(6 * 16_384)))
    assert asked == [32_768, "pause"]
    asked.clear()
    transport.resume_reading()
    await asyncio.sleep(0)
    assert asked == then


def records(octets: bytes) -> int:
    """How many records there are (RFC 8446, 5.1)."""
    number, at = 0, 0
    while at < len(octets):
        number, at = number + 1, at + 5 + int.from_bytes(octets[at + 3 : at + 5])
    return number


async def test_the_last_words_and_the_close_notify_are_one_piece(tmp_path: Path) -> None:
    issue(tmp_path)
    server, bios, _ = established(tmp_path)
    asked: list[object] = []
    transport = TLSTransport(Lower(asked), server, bios, {}, lambda: None)
    transport.start(Upper(asked, 0))
    asked.clear()  # the tickets
    transport.write_last(b"goodbye")
    (piece,) = asked
    assert isinstance(piece, bytes)
    assert records(piece) == 2
