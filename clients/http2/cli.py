"""`python -m clients.http2 URL …`: asks over HTTP/2, and shows what crossed the wire."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

import typer
from rich.console import Console

from clients.http1.origin import Origin
from clients.http1.reply import Fields
from clients.http2.errors import HTTP2Error
from clients.http2.origin import secure
from clients.http2.reply import Reply
from clients.http2.session import Session
from clients.http2.show import AsJson, Show
from clients.trace import Trace

app = typer.Typer(add_completion=False)


@app.command()
def ask(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    urls: Annotated[list[str], typer.Argument(help="http:// or https:// URLs of one server.")],
    method: Annotated[str | None, typer.Option("-X", "--method", help="Default: GET.")] = None,
    field: Annotated[list[str] | None, typer.Option("-H", "--field", help="A field, 'NAME: VALUE'.")] = None,
    data: Annotated[str, typer.Option("-d", "--data", help="The content; @FILE reads it from a file.")] = "",
    trailer: Annotated[list[str] | None, typer.Option(help="A field of the trailer section.")] = None,
    setting: Annotated[list[str] | None, typer.Option(help="A setting of ours, NUMBER=VALUE.")] = None,
    connect: Annotated[str | None, typer.Option(help="Connect to ADDRESS:PORT instead.")] = None,
    ca: Annotated[Path | None, typer.Option(help="CA certificates for https.")] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every frame, both ways.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Show every frame as a line of JSON.")] = False,
    ping: Annotated[bool, typer.Option(help="PING first, and say how long it took.")] = False,
    timeout: Annotated[float, typer.Option(min=0.01, help="Seconds for each wait.")] = 10.0,
) -> None:
    """Asks for every URL at once, each on a stream of one session."""
    try:
        order = Order(
            targets=[_target(urlsplit(url)) for url in urls],
            method=method or ("POST" if data else "GET"),
            fields=_fields(field or []),
            content=Path(data[1:]).read_bytes() if data[:1] == "@" else data.encode(),
            trailers=_fields(trailer or []),
            ping=ping,
        )
        trace = Trace(_teller(verbose, as_json))
        origin = origin_of(urls[0], connect, ca)
        session = Session(origin, settings=_settings(setting or []), within=timeout, trace=trace)
        replies = asyncio.run(_run(session, order))
    except HTTP2Error as error:
        raise _failed(str(error), 1) from error
    except (ValueError, OSError) as error:
        raise _failed(str(error), 2) from error
    if not as_json:
        _print(replies)
    elif trace.tell is None:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: the same of every target."""

    targets: list[str]
    method: str
    fields: Fields
    content: bytes
    trailers: Fields
    ping: bool


async def _run(session: Session, order: Order) -> list[Reply]:
    async with session:
        if order.ping:
            sys.stderr.write(f"PING: {await session.ping() * 1000:.3f} ms\n")
        asked = (
            session.request(order.method, target, order.fields, order.content, trailers=order.trailers)
            for target in order.targets
        )
        return await asyncio.gather(*asked)


def _print(replies: list[Reply]) -> None:
    for reply in replies:
        for interim in reply.interims:
            sys.stdout.write(f"HTTP/2 {interim.status}\n{_lines(interim.fields)}\n")
        sys.stdout.write(f"HTTP/2 {reply.status}\n{_lines(reply.fields)}\n")
        sys.stdout.flush()
        sys.stdout.buffer.write(reply.body)
        sys.stdout.write(f"\n{_lines(reply.trailers)}")


def _lines(fields: Fields) -> str:
    pairs = ((name.decode(), value.decode("utf-8", "backslashreplace")) for name, value in fields)
    return "".join(f"{name}: {value}\n" for name, value in pairs)


def _teller(verbose: bool, as_json: bool) -> Show | AsJson | None:
    if as_json:
        return AsJson(sys.stdout)
    return Show(Console(stderr=True)) if verbose else None


def origin_of(url: str, connect: str | None, ca: Path | None) -> Origin:
    """Where to connect and whom to expect. Raises ValueError for what is no http or https URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no http:// or https:// URL")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address, _, number = (connect or f"{parts.hostname}:{port}").rpartition(":")
    if parts.scheme == "https":
        if ca is None:
            raise ValueError("https needs --ca, the file of the authorities to trust")
        return secure(address.strip("[]"), int(number), parts.netloc, ca)
    return Origin(address.strip("[]"), int(number), parts.netloc)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _fields(lines: list[str]) -> Fields:
    pairs = (line.partition(":") for line in lines)
    return tuple((name.strip().lower().encode(), value.strip().encode()) for name, _, value in pairs)


def _settings(pairs: list[str]) -> dict[int, int]:
    return {int(name, 0): int(value, 0) for name, _, value in (pair.partition("=") for pair in pairs)}


def _failed(message: str, code: int) -> typer.Exit:
    sys.stderr.write(f"{message}\n")
    return typer.Exit(code)
