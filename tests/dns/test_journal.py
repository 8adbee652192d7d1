"""The server's side of the wire, in its journal."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from clients.dns import Server
from tests.dns.conftest import DOMAIN
from tests.dns.wire import ID, query_octets
from tests.support.journal import Journal

feature = pytest.mark.feature


@feature("journal")
async def test_a_datagram_is_a_query_and_an_answer(server: Server, journal: Callable[[str], Journal]) -> None:
    """In this order, with what was asked and what was said."""
    loop = asyncio.get_running_loop()
    with socket.socket(
        socket.AF_INET6 if ":" in server.address else socket.AF_INET, socket.SOCK_DGRAM
    ) as sock:
        sock.setblocking(False)
        sock.connect((server.address, server.port))
        await loop.sock_sendall(sock, query_octets(f"records.{DOMAIN}", 28))
        await loop.sock_recv(sock, 1232)
        events = await journal("dns").of(sock.getsockname(), until="answer")
    query, answer = events[-2:]
    assert (query.event, answer.event) == ("query", "answer")
    assert (query.data["name"], query.data["type"], query.data["id"]) == (f"records.{DOMAIN}", "AAAA", ID)
    assert (answer.data["rcode"], answer.data["answers"]) == ("NOERROR", 1)


@feature("journal")
async def test_a_connection_opens_asks_and_closes(server: Server, journal: Callable[[str], Journal]) -> None:
    """The layers in order: connection, its queries and answers, its end."""
    reader, writer = await asyncio.open_connection(server.address, server.port)
    octets = query_octets(f"http1.{DOMAIN}")
    writer.write(len(octets).to_bytes(2) + octets)
    await reader.readexactly(2)
    peer = writer.get_extra_info("sockname")
    writer.close()
    await writer.wait_closed()
    events = [event.event for event in await journal("dns").of(peer)]
    assert events[:3] == ["connection", "query", "answer"]
    assert events[-1] == "close"
