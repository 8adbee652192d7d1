"""`python -m clients.http2`: exit codes, and what is printed for people and for programs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import StreamEnded

PROJECT = Path(__file__).parents[3]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that answers everything with 200, a body and a trailer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = H2Connection(H2Configuration(client_side=False))
        server.initiate_connection()
        writer.write(server.data_to_send())
        while data := await reader.read(65_536):
            for event in server.receive_data(data):
                if isinstance(event, StreamEnded):
                    stream = event.stream_id or 0
                    server.send_headers(stream, [(":status", "200"), ("x-name", "value")])
                    server.send_data(stream, "生日".encode())
                    server.send_headers(stream, [("x-sum", "6")], end_stream=True)
            writer.write(server.data_to_send())
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def run(*arguments: str) -> tuple[int, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "clients.http2", *arguments), stdout=pipe, stderr=pipe, cwd=PROJECT
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_reply_is_printed_whole(url: str) -> None:
    code, out, _ = await run(f"{url}/a")
    assert (code, out) == (0, "HTTP/2 200\nx-name: value\n\n生日\nx-sum: 6\n")


async def test_several_urls_share_a_session(url: str) -> None:
    code, out, _ = await run(f"{url}/a", f"{url}/b", "--json")
    streams = {json.loads(line).get("stream") for line in out.splitlines()}
    assert code == 0
    assert {1, 3} <= streams


async def test_frames_are_shown_both_ways(url: str) -> None:
    _, _, err = await run("-v", "-d", "content", "-H", "X-Mine: 1", f"{url}/a")
    for line in ("send HEADERS frame", "x-mine: 1", "send DATA frame", "recv DATA frame", "; END_STREAM"):
        assert line in err


async def test_frames_as_json_are_one_object_a_line(url: str) -> None:
    _, out, _ = await run("--json", f"{url}/a")
    frames = [json.loads(line) for line in out.splitlines()]
    head = next(f for f in frames if f.get("type") == "HEADERS" and f["direction"] == "receive")
    assert [":status", "200"] in head["fields"]
    assert head["flags"] == ["END_HEADERS"]


@pytest.mark.parametrize("arguments", [("--json",), ()])
async def test_a_reader_that_has_gone_is_not_complained_about(url: str, arguments: tuple[str, ...]) -> None:
    """`… | head -1` is an ordinary thing to do."""
    read, write = os.pipe()
    os.close(read)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", "clients.http2", *arguments, url),
        stdout=write,
        stderr=asyncio.subprocess.PIPE,
        cwd=PROJECT,
    )
    os.close(write)
    _, err = await process.communicate()
    assert (process.returncode, err) == (1, b"")


async def test_nobody_there_is_exit_code_1() -> None:
    code, _, err = await run("http://127.0.0.1:1/")
    assert code == 1
    assert "port 1" in err


@pytest.mark.parametrize("arguments", [("ftp://x/",), ("https://x/",)])
async def test_what_cannot_be_asked_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert (await run(*arguments))[0] == 2
