"""Bad input costs its own connection: an error or an end, an event, and everybody else is served."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from pathlib import Path

import pytest

from clients.http1 import ConnectionClosedError, Origin
from clients.http1.wire import Wire
from lab.patience import SECOND
from lab.probe import H2_HELLO, Target, probe
from tests.hostile.cases import DATAGRAMS, STREAMS, Bad
from tests.support.yard import Yard

WITHIN = 10 * SECOND
_REQUEST = (b"GET / HTTP/1.1\r\nHost: a", b".test\r\nConnection: close\r\n\r\n", rb"HTTP/1\.")
# Half of what a well-behaved client sends, the rest, and how the answer begins: nobody's bad input may come
# between the two. RFC 9113 3.4: SETTINGS come first.
HALVES = {
    "http1": _REQUEST,
    "proxy": _REQUEST,
    "h2c": (H2_HELLO[:10], H2_HELLO[10:], rb"\0..\x04\0"),
    "tcp-echo": (b"over", b" and back", b"over and back"),
}


def _parameters(cases: tuple[Bad, ...], *, witness: bool = False) -> list[object]:
    return [pytest.param(bad.role, bad, id=bad.id, marks=_marks(bad, witness=witness)) for bad in cases]


def _marks(bad: Bad, *, witness: bool) -> list[pytest.MarkDecorator]:
    """What the contract calls it: what the answer takes, or the journal."""
    journal = "journal-http" if bad.role in ("http1", "https", "h2c", "h2") else "journal"
    names = (journal,) if witness else bad.features
    return [pytest.mark.feature(name, role=bad.role) for name in names]


def _wire(yard: Yard, role: str, ca: Path | None = None) -> Wire:
    """A connection to the service; TLS, where there is a CA, is verified and speaks the role's protocol."""
    where, context = yard.endpoint(role), None
    if ca is not None:
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["h2" if role == "h2" else "http/1.1"])
    return Wire(Origin(where.address, where.port, where.authority, context), within=WITHIN)


async def _send(wire: Wire, bad: Bad) -> bytes:
    """Sends it; all that comes before the service closes, or resets."""
    await wire.write(bad.octets)
    if bad.ends:
        wire.write_eof()
    answer = b""
    try:
        while piece := await wire.read():
            answer += piece
    except ConnectionClosedError:
        return answer
    return answer


@pytest.mark.parametrize(("role", "bad"), _parameters(STREAMS))
async def test_a_connection_of_bad_input_ends_and_every_other_goes_on(
    role: str, bad: Bad, yard: Yard, ca: Path
) -> None:
    before, after, wanted = HALVES.get(role, (b"", b"", b""))
    async with _wire(yard, role) as neighbour, _wire(yard, role, ca if bad.secure else None) as wire:
        await neighbour.write(before)
        assert re.match(bad.answer, await _send(wire, bad), re.DOTALL)
        await neighbour.write(after)
        answer = b""
        while not re.match(wanted, answer, re.DOTALL):
            piece = await neighbour.read()
            assert piece, answer
            answer += piece
    await _next_client_is_served(role, yard, ca)


@pytest.mark.parametrize(("role", "bad"), _parameters(STREAMS, witness=True))
async def test_the_journal_tells_of_it(role: str, bad: Bad, yard: Yard, ca: Path) -> None:
    journal = yard.journal(role)
    async with _wire(yard, role, ca if bad.secure else None) as wire:
        await _send(wire, bad)
        assert wire.local is not None
    assert bad.event in [event.event for event in await journal.of(wire.local)]


@pytest.mark.parametrize(("role", "bad"), _parameters(DATAGRAMS))
async def test_a_datagram_of_bad_input_is_answered_by_its_protocol(
    role: str, bad: Bad, yard: Yard, ca: Path
) -> None:
    where = yard.endpoint(role)
    with socket.socket(
        socket.AF_INET6 if ":" in where.address else socket.AF_INET, socket.SOCK_DGRAM
    ) as sock:
        sock.setblocking(False)
        sock.connect((where.address, where.port))
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, bad.octets)
        async with asyncio.timeout(WITHIN):
            answer = await loop.sock_recv(sock, 65_535)
    assert re.match(bad.answer, answer, re.DOTALL)
    await _next_client_is_served(role, yard, ca)


async def _next_client_is_served(role: str, yard: Yard, ca: Path) -> None:
    where = yard.endpoint(role)
    target = Target(role, where.address, where.port, where.authority, str(ca), WITHIN)
    await asyncio.to_thread(probe, target)
