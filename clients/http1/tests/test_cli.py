"""The command line prints what crossed the wire."""

from __future__ import annotations

import asyncio
import io

import pytest

from clients.http1.cli import main
from clients.http1.show import Show
from clients.http1.tests.server import OK, serving
from clients.trace import Step


async def test_both_directions_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving() as origin:
        url = f"http://a.wireyard.test:{origin.port}/x?y"
        code = await asyncio.to_thread(main, [url, "--connect", f"127.0.0.1:{origin.port}", "-H", "A: b"])
    shown = capsys.readouterr().out
    assert code == 0
    assert "> GET /x?y HTTP/1.1" in shown
    assert "> A: b" in shown
    assert "< HTTP/1.1 200 OK" in shown
    assert "< ok" in shown
    assert "* response status=200" in shown


async def test_nobody_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving() as origin:
        port = origin.port
    code = await asyncio.to_thread(main, [f"http://127.0.0.1:{port}/"])
    assert code == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_url_that_is_none_is_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ftp://a.wireyard.test/"]) == 2
    assert "ftp" in capsys.readouterr().err


def test_what_cannot_be_seen_is_escaped() -> None:
    out = io.StringIO()
    Show(out)(Step(0.0, "send", {"data": b"GET / HTTP/1.1\nHost: \x00\r\n\r\n"}))
    assert "\\n" in out.getvalue()
    assert "\\x00" in out.getvalue()
    assert len(OK) > 0
