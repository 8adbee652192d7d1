"""Commands whose reader has gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from clients.http1.tests.server import serving


def unread(*words: str) -> tuple[int, str]:
    """What a command says on stderr when nobody reads its output, and how it ends."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as output:
        argv = [sys.executable, "-m", *words]
        done = subprocess.run(argv, stdout=output, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def test_what_writes_little_ends_without_a_word() -> None:
    assert unread("clients.url", "http://a.test/") == (1, "")


def test_a_verdict_that_nobody_reads_is_no_fault(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    assert unread("clients.tls", "look", "a.test", "--connect", "127.0.0.1:9", "--ca", str(authority)) == (
        1,
        "",
    )


async def test_an_exchange_that_nobody_reads_goes_on_to_its_end() -> None:
    async with serving() as origin:
        url, where = f"http://a.wireyard.test:{origin.port}/", f"127.0.0.1:{origin.port}"
        assert await asyncio.to_thread(unread, "clients.http1", url, "--connect", where) == (0, "")
