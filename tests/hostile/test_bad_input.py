"""Bad input costs its own connection: an error or an end, an event, and everybody else is served."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from lab.patience import SECOND
from lab.probe import Target, probe
from lab.topology import Endpoint
from tests.hostile.cases import DATAGRAMS, STREAMS, Bad
from tests.support.yard import Yard

WITHIN = 10 * SECOND
# Half of what a well-behaved client sends, and the rest: nobody's bad input may come between the two.
HALVES = {
    "http1": (b"GET /todos HTTP/1.1\r\nHost: a", b".test\r\nConnection: close\r\n\r\n", b"HTTP/1."),
    "tcp-echo": (b"over", b" and back", b"over and back"),
    "proxy": (b"GET / HTTP/1.1\r\nHost: a", b".test\r\nConnection: close\r\n\r\n", b"HTTP/1."),
}
# The feature that a journal is, by role.
TOLD_BY = {
    **dict.fromkeys(("tcp-echo", "proxy", "dns"), "journal"),
    **dict.fromkeys(("http1", "https", "h2c", "h2"), "journal-http"),
}
HALVES |= {"h2c": HALVES["http1"]}


def _parameters(cases: tuple[Bad, ...], witness: Mapping[str, str] = MappingProxyType({})) -> list[object]:
    """The cases, each with the feature it needs; with `witness`, by role, the one of who tells of it, too."""
    return [
        pytest.param(
            bad.role,
            bad,
            id=bad.id,
            marks=pytest.mark.feature(bad.feature, *filter(None, [witness.get(bad.role)]), role=bad.role),
        )
        for bad in cases
    ]


class Client:
    """One raw connection; TLS, where it is wanted, is verified and speaks the role's protocol."""

    def __init__(self, where: Endpoint, role: str, ca: Path | None) -> None:
        self._where, self._tls = where, None
        if ca is not None:
            self._tls = ssl.create_default_context(cafile=ca)
            self._tls.set_alpn_protocols(["h2" if role == "h2" else "http/1.1"])
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> Client:
        name = self._where.authority if self._tls else None
        self.reader, self.writer = await asyncio.open_connection(
            self._where.address, self._where.port, ssl=self._tls, server_hostname=name
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    async def rest(self) -> bytes:
        """All that comes before the service closes."""
        async with asyncio.timeout(WITHIN):
            return await self.reader.read()


@pytest.mark.parametrize(("role", "bad"), _parameters(STREAMS))
async def test_a_connection_of_bad_input_ends_and_every_other_goes_on(
    role: str, bad: Bad, yard: Yard, ca: Path
) -> None:
    where = yard.endpoint(role)
    before, after, wanted = HALVES.get(role, (b"", b"", b""))
    async with (
        Client(where, role, None) as neighbour,
        Client(where, role, ca if bad.secure else None) as client,
    ):
        neighbour.writer.write(before)
        client.writer.write(bad.octets)
        if bad.ends:
            client.writer.write_eof()
        assert re.match(bad.answer, await client.rest(), re.DOTALL)
        neighbour.writer.write(after)
        async with asyncio.timeout(WITHIN):
            assert await neighbour.reader.readexactly(len(wanted)) == wanted
    await _next_client_is_served(role, yard, ca)


@pytest.mark.parametrize(("role", "bad"), _parameters(STREAMS, TOLD_BY))
async def test_the_journal_tells_of_it(role: str, bad: Bad, yard: Yard, ca: Path) -> None:
    journal = yard.journal(role)
    async with Client(yard.endpoint(role), role, ca if bad.secure else None) as client:
        peer = client.writer.get_extra_info("sockname")
        client.writer.write(bad.octets)
        if bad.ends:
            client.writer.write_eof()
        await client.rest()
    assert bad.event in [event.event for event in await journal.of(peer)]


@pytest.mark.parametrize(("role", "bad"), _parameters(DATAGRAMS))
async def test_a_datagram_of_bad_input_is_answered_by_its_protocol(
    role: str, bad: Bad, yard: Yard, ca: Path
) -> None:
    where = yard.endpoint(role)
    with socket.socket(
        socket.AF_INET6 if ":" in where.address else socket.AF_INET, socket.SOCK_DGRAM
    ) as sock:
        sock.settimeout(WITHIN)
        sock.connect((where.address, where.port))
        await asyncio.to_thread(sock.send, bad.octets)
        assert re.match(bad.answer, await asyncio.to_thread(sock.recv, 65_535), re.DOTALL)
    await _next_client_is_served(role, yard, ca)


async def _next_client_is_served(role: str, yard: Yard, ca: Path) -> None:
    where = yard.endpoint(role)
    target = Target(role, where.address, where.port, where.authority, str(ca), WITHIN)
    await asyncio.to_thread(probe, target)
