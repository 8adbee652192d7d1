"""What an idle tunnel costs: 5,000 of them are to stay under 150 MB, some 20 KB each."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

from services.proxy.reference.tests.test_service import echo

TUNNELS = 300
MOST = 20 * 1024


async def test_an_idle_tunnel_costs_less_than_20_kilobytes() -> None:
    async with await asyncio.start_server(echo, "127.0.0.1", 0, backlog=TUNNELS) as origin:
        target = f"127.0.0.1:{origin.sockets[0].getsockname()[1]}"
        port = free_port()
        environment = {"WIREYARD_ADDRESS": "127.0.0.1", "WIREYARD_PORT": str(port), "WIREYARD_ALLOW": target}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.proxy.reference"), env={**os.environ, **environment}
        )
        exited = asyncio.ensure_future(process.wait())
        try:
            await listening(port, exited)
            before = await measure(process.pid, port, target, 20)
            after = await measure(process.pid, port, target, TUNNELS)
        finally:
            process.kill()
            await exited
    assert (after - before) / TUNNELS < MOST


async def measure(pid: int, port: int, target: str, tunnels: int) -> int:
    """Opens that many tunnels and keeps them; gives the resident memory of the proxy then, in bytes."""
    writers = [await opened(port, target) for _ in range(tunnels)]
    resident = memory_of(pid)
    for writer in writers:
        writer.close()
    return resident


def memory_of(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def opened(port: int, target: str) -> asyncio.StreamWriter:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    return writer


async def listening(port: int, exited: asyncio.Future[int]) -> None:
    """Returns once the proxy listens."""
    async with asyncio.timeout(20):
        while not exited.done():
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.wait([exited], timeout=0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
