"""`python -m clients.udp HOST PORT [TEXT …]`: one datagram a text, each answer compared, each step timed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from clients.net.show import Show
from clients.udp.datagrams import Datagrams, open_datagrams

app = typer.Typer(add_completion=False)


@app.command()
def main(
    host: Annotated[str, typer.Argument(help="a name or an address")],
    port: Annotated[int, typer.Argument()] = 7,
    text: Annotated[list[str] | None, typer.Argument(help="one datagram each")] = None,
    unconnected: Annotated[bool, typer.Option("--unconnected", help="hear from anybody")] = False,
    within: Annotated[float, typer.Option(help="seconds that one step may take")] = 2.0,
) -> None:
    """Sends each TEXT as a datagram and waits for its echo."""
    show = Show()
    with show.failures():
        asyncio.run(_run(show, host, port, text or ["hello"], (not unconnected, within)))


async def _run(show: Show, host: str, port: int, texts: Sequence[str], how: tuple[bool, float]) -> None:
    connected, within = how
    opening = open_datagrams(host, port, connected=connected, trace=show.trace, within=within)
    with await opening as datagrams, show.failures():
        for text in texts:
            await _ask(datagrams, show, text.encode())


async def _ask(datagrams: Datagrams, show: Show, data: bytes) -> None:
    datagram = await datagrams.echo(data)
    show.data(datagram.data)
    if datagram.data != data:
        show.console.print("this is not what was sent", style="red")
