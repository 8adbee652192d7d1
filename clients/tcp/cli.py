"""`python -m clients.tcp HOST PORT [TEXT]`: connects, sends, ends, and prints each step with its time."""

from __future__ import annotations

import asyncio
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from clients.net.show import Show
from clients.net.stream import Stream, connect, connect_unix
from clients.tcp.echo import echo

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class _Wanted:
    host: str
    port: int
    text: bytes
    ca: Path | None
    name: str | None
    within: float


@app.command()
def main(
    host: Annotated[str, typer.Argument(help="a name, an address, or the path of a Unix socket")],
    port: Annotated[int, typer.Argument(help="not used for a Unix socket")] = 7,
    text: Annotated[str, typer.Argument(help="what to send; - reads standard input")] = "hello",
    ca: Annotated[Path | None, typer.Option(help="speak TLS, trusting these authorities")] = None,
    name: Annotated[str | None, typer.Option(help="the name to verify; default: HOST")] = None,
    within: Annotated[float, typer.Option(help="seconds that one step may take")] = 5.0,
) -> None:
    """Sends TEXT, ends its own direction, reads until the other side ends, and compares."""
    data = sys.stdin.buffer.read() if text == "-" else text.encode()
    show = Show()
    with show.failures():
        asyncio.run(_run(_Wanted(host, port, data, ca, name, within), show))


async def _run(wanted: _Wanted, show: Show) -> None:
    async with await _open(wanted, show) as stream:
        with show.failures():
            await _speak(wanted, show, stream)


async def _speak(wanted: _Wanted, show: Show, stream: Stream) -> None:
    if wanted.ca is not None:
        context = ssl.create_default_context(cafile=wanted.ca)
        await stream.secure(context, wanted.name or wanted.host)
    show.data(await echo(stream, wanted.text))


async def _open(wanted: _Wanted, show: Show) -> Stream:
    if "/" in wanted.host:
        return await connect_unix(wanted.host, trace=show.trace, within=wanted.within)
    return await connect(wanted.host, wanted.port, trace=show.trace, within=wanted.within)
