"""`python -m clients.http1 URL`: asks, and prints what crossed the wire."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from clients.http1.connection import Connection
from clients.http1.errors import HTTP1Error
from clients.http1.origin import Origin
from clients.http1.raw import send_raw
from clients.http1.reply import Fields
from clients.http1.show import Show
from clients.pipe import piped
from clients.trace import Trace


@piped
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 for a response, 1 for an error, 2 for a wrong argument."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(options, _content(options.data)))
    except HTTP1Error as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:
        raise  # no fault of the arguments
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clients.http1", description="Ask an HTTP/1.1 server.")
    parser.add_argument("url", help="http:// or https://; its authority is who is expected")
    parser.add_argument("-X", "--method", help="default: GET, or POST with data")
    parser.add_argument("-H", "--field", action="append", default=[], metavar="'NAME: VALUE'")
    parser.add_argument("-d", "--data", default="", help="the content; @FILE reads it from a file")
    parser.add_argument("--trailer", action="append", default=[], metavar="'NAME: VALUE'")
    parser.add_argument(
        "--expect", action="store_true", help="wait a while for 100 Continue before the content"
    )
    parser.add_argument("--connect", metavar="ADDRESS:PORT", help="connect there instead of asking the DNS")
    parser.add_argument("--ca", type=Path, help="CA certificates for https")
    parser.add_argument(
        "--raw", type=Path, help="send the bytes of this file (- for standard input) as they are"
    )
    parser.add_argument("--repeat", type=int, default=1, help="ask so often on one connection")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for each wait")
    return parser


def _content(argument: str) -> bytes:
    return Path(argument[1:]).read_bytes() if argument[:1] == "@" else argument.encode()


async def _run(options: argparse.Namespace, body: bytes) -> None:
    parts = urlsplit(options.url)
    origin = _origin(options)
    trace = Trace(Show(sys.stdout, colour=sys.stdout.isatty()))
    if options.raw:
        data = sys.stdin.buffer.read() if str(options.raw) == "-" else options.raw.read_bytes()
        await send_raw(origin, data, within=options.timeout, trace=trace)
        return
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    method = options.method or ("POST" if body else "GET")
    fields, trailers = _fields(options.field), _fields(options.trailer)
    async with Connection(origin, within=options.timeout, trace=trace) as connection:
        for _ in range(options.repeat):
            await connection.request(method, target, fields, body, trailers=trailers, expect=options.expect)


def _origin(options: argparse.Namespace) -> Origin:
    parts = urlsplit(options.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{options.url!r} is no http:// or https:// URL")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address, _, number = (options.connect or f"{parts.hostname}:{port}").rpartition(":")
    if parts.scheme == "https":
        return Origin.secure(address.strip("[]"), int(number), parts.netloc, options.ca)
    return Origin(address.strip("[]"), int(number), parts.netloc)


def _fields(lines: Sequence[str]) -> Fields:
    pairs = (line.partition(":") for line in lines)
    return tuple((name.strip().encode(), value.strip().encode()) for name, _, value in pairs)
