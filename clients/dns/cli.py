"""`python -m clients.dns NAME [TYPE]`: asks, and prints what crossed the wire."""

from __future__ import annotations

import argparse
import asyncio
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

import dns.reversename

from clients.dns.carriers import Server
from clients.dns.errors import DNSError
from clients.dns.exchange import Reply, ask, question
from clients.dns.resolver import Resolver, parse_server
from clients.dns.system import lookup
from clients.pipe import piped


@piped
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 for an answer, 1 for an error, 2 for a wrong argument."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(options))
    except DNSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:
        raise  # no fault of the arguments
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clients.dns", description="Ask a name server.")
    parser.add_argument("name", help="a name; an address asks for its names")
    parser.add_argument("type", nargs="?", default="A", help="record type (default: A)")
    parser.add_argument("--server", help="ADDRESS[:PORT]; default: the system's")
    parser.add_argument("--transport", choices=("auto", "udp", "tcp", "tls", "https"), default="auto")
    parser.add_argument("--authority", default="dns.wireyard.test", help="name in the certificate")
    parser.add_argument("--ca", type=Path, help="CA certificates for TLS and HTTPS")
    parser.add_argument("--payload", type=int, help="use EDNS with this UDP payload size")
    parser.add_argument("--timeout", type=float, default=3.0, help="seconds")
    parser.add_argument("--lookup", action="store_true", help="ask the operating system instead of DNS")
    return parser


async def _run(options: argparse.Namespace) -> None:
    if options.lookup:
        for found in await lookup(options.name):
            sys.stdout.write(f"IPv{found.family} {found.address}\n")
        return
    server = _server(options)
    name, rrtype = options.name, options.type
    if name.count(":") > 1 or name.replace(".", "").isdecimal():
        name, rrtype = _reverse_name(name), "PTR"
    query = question(name, rrtype, payload=options.payload)
    reply = await ask(server, query, options.transport, within=options.timeout)
    sys.stdout.write(render(reply, server))


def _reverse_name(address: str) -> str:
    return dns.reversename.from_address(address).to_text()


def _server(options: argparse.Namespace) -> Server:
    chosen = parse_server(options.server or next(iter(Resolver().get_servers()), "127.0.0.1"))
    context = ssl.create_default_context(cafile=options.ca) if options.ca else None
    return Server(chosen.address, chosen.port, options.authority, context)


def render(reply: Reply, server: Server) -> str:
    """Return an answer as people read it: what was asked, then one record a line."""
    message = reply.message
    lines = [
        f"{server.address} port {server.port} over {reply.transport}"
        + (" after a truncated answer over UDP" if reply.truncated else ""),
        f"{reply.rcode}  flags {' '.join(sorted(reply.flags))}  id {message.id}",
    ]
    for rrset in message.question:
        lines.append(f"? {rrset.to_text()}")
    for title, section in (
        ("answer", reply.answer),
        ("authority", reply.authority),
        ("additional", reply.additional),
    ):
        lines += [f"{title}:", *(f"  {line}" for line in section)] if section else []
    lines += [f"option: {option.to_text()}" for option in message.options]
    return "\n".join(lines) + "\n"
