"""`python -m clients.tunnel PROXY TARGET`: speaks through a tunnel, prints each step with its time."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from clients.net.show import Show
from clients.tunnel.http1 import Proxy, open_tunnel
from clients.tunnel.http2 import open_session

app = typer.Typer(add_completion=False)


@app.command()
def main(
    proxy: Annotated[str, typer.Argument(help="http://[USER:PASSWORD@]HOST:PORT, or https:// with --ca")],
    target: Annotated[str, typer.Argument(help="HOST:PORT")],
    text: Annotated[str | None, typer.Argument(help="what to send; default: a GET of /")] = None,
    *,
    ca: Annotated[Path | None, typer.Option(help="the authorities to trust, for an https proxy")] = None,
    authority: Annotated[str, typer.Option(help="the proxy's name")] = "proxy.wireyard.test",
    http2: Annotated[bool, typer.Option("--http2", help="CONNECT over HTTP/2, to an https proxy")] = False,
    within: Annotated[float, typer.Option(help="seconds that one step may take")] = 5.0,
) -> None:
    """Asks PROXY for a tunnel to TARGET, sends through it, ends, and prints what comes back."""
    show = Show()
    request = f"GET / HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n"
    data, known = (text or request).encode(), _proxy(proxy, ca, authority)
    with show.failures():
        asyncio.run((_run_http2 if http2 else _run)(show, known, target, data, within))


def _proxy(text: str, ca: Path | None, authority: str) -> Proxy:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or parts.hostname is None:
        raise typer.BadParameter("the proxy is http://HOST:PORT or https://HOST:PORT")
    context = ssl.create_default_context(cafile=ca) if parts.scheme == "https" else None
    user = f"{parts.username}:{parts.password or ''}" if parts.username else None
    return Proxy(parts.hostname, parts.port or 3128, context, authority, user)


async def _run(show: Show, proxy: Proxy, target: str, data: bytes, within: float) -> None:
    tunnel = await open_tunnel(proxy, target, trace=show.trace, within=within)
    async with tunnel.stream as stream:
        with show.failures():
            await stream.send(data)
            if proxy.tls is None:
                await stream.end()
            show.data(await stream.receive_rest())


async def _run_http2(show: Show, proxy: Proxy, target: str, data: bytes, within: float) -> None:
    if proxy.tls is not None:
        proxy.tls.set_alpn_protocols(["h2"])
    async with await open_session(proxy, trace=show.trace, within=within) as session:
        with show.failures():
            tunnel = await session.open(target)
            await tunnel.send(data)
            await tunnel.end()
            show.data(await tunnel.receive_rest())
