"""What a journal's stream brings reaches the hub, whatever stands between the events."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from lab import topology
from lab.topology import Topology, View
from services.console.hub import Hub
from services.console.journals import Journals

NEWEST = b"HTTP/1.1 200 OK\r\nwireyard-last: 7\r\ncontent-length: 0\r\n\r\n"
STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    b'id: 8\ndata: {"role": "dns", "seq": 8}\n\n: still here\n\n'
    b'event: gap\ndata: 3\n\nid: 12\ndata: {"role": "dns", "seq": 12}\n\n'
)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A control port that answers what the console asks of it."""
    with suppress(asyncio.IncompleteReadError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            writer.write(STREAM if b"/stream" in head else NEWEST)
    writer.close()


def only_dns(port: int) -> Topology:
    """The yard with one service, whose control port is `port`."""
    whole = topology.shipped()
    dns = whole.service("dns")
    control = replace(dns.ports["control"], host=("127.0.0.1", port))
    return replace(whole, services={"dns": replace(dns, ports=dict(dns.ports) | {"control": control})})


async def test_a_sign_of_life_among_the_events_ends_nothing() -> None:
    hub = Hub()
    batches = hub.batches()
    await anext(batches)
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, asyncio.TaskGroup() as group:
        yard = only_dns(server.sockets[0].getsockname()[1])
        following = group.create_task(Journals(yard, View.HOST, hub).follow())
        found: list[dict[str, object]] = []
        missed = 0
        async with asyncio.timeout(5):
            while len(found) < 2:
                batch = await anext(batches)
                found += batch["events"]
                missed += batch["missed"]
        following.cancel()
    await batches.aclose()
    assert [event["seq"] for event in found] == [8, 12]
    assert missed == 3
