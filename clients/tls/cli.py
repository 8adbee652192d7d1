"""`python -m clients.tls look NAME` and `python -m clients.tls report`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from certs.zoo import CASES
from clients.pipe import piped
from clients.tls.look import Target, look_at
from clients.tls.report import table
from clients.tls.report.libraries import LIBRARIES
from clients.tls.report.model import Client, Site
from clients.tls.report.programs import PROGRAMS
from clients.tls.show import lines
from lab import topology
from lab.errors import LabError
from lab.state import StateDirectory
from lab.topology import View


@piped
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 when all is well, 1 when a verdict is no, 2 for a wrong argument."""
    options = _parser().parse_args(arguments)
    try:
        if not options.ca.exists():
            raise LabError(f"{options.ca} is not there: is the yard up? --ca FILE names another authority")
        run: int = options.run(options)
    except (LabError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m clients.tls", description="Judge TLS servers, and clients."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    look = commands.add_parser("look", help="one handshake, and the verdict in words")
    look.add_argument("name", help="the server's name; a case of the zoo is CASE.https.wireyard.test")
    look.add_argument("--connect", metavar="ADDRESS:PORT", help="default: where the yard's service is")
    look.set_defaults(run=_look)
    report = commands.add_parser("report", help="every client at hand against every certificate of the zoo")
    report.add_argument("--role", default="https", choices=("https", "h2"))
    report.add_argument("--out", type=Path, help="write the report there: *.json or *.md")
    report.set_defaults(run=_report)
    for command in (look, report):
        command.add_argument("--ca", type=Path, default=_ca(), help="the authority to trust")
    return parser


def _ca() -> Path:
    return Path(os.environ.get("WIREYARD_CA") or StateDirectory.here().ca)


def _look(options: argparse.Namespace) -> int:
    target = _target(options.name, options.connect)
    look = look_at(target, options.ca)
    sys.stdout.writelines(f"{line}\n" for line in lines(target, look))
    return 0 if look.accepted else 1


def _target(name: str, connect: str | None) -> Target:
    if connect:
        address, _, port = connect.rpartition(":")
        if not address or not port.isascii() or not port.isdigit():
            raise ValueError(f"{connect!r} is not ADDRESS:PORT")
        return Target(address.strip("[]"), int(port), name)
    role = next((role for role in ("https", "h2") if f"{role}." in f"{name}."), "https")
    where = topology.load().endpoint(role, _view())
    return Target(where.address, where.port, name)


def _view() -> View:
    return View(os.environ.get("WIREYARD_VIEW", View.HOST))


def _report(options: argparse.Namespace) -> int:
    where = topology.load().endpoint(options.role, _view())
    site = Site(where.address, where.port, where.authority, options.ca)
    clients: tuple[Client, ...] = (*LIBRARIES, *PROGRAMS)
    versions = {client.name: client.version() for client in clients}
    here = {name: version for name, version in versions.items() if version}
    answers = {client.name: client.judge(site, CASES) for client in clients if client.name in here}
    Console().print(table.terminal(CASES, answers))
    for fault in table.faults(CASES, answers):
        sys.stdout.write(f"{fault}\n")
    sys.stdout.writelines(f"not installed here: {name}\n" for name in versions if name not in here)
    if options.out:
        write = table.as_json if options.out.suffix == ".json" else table.markdown
        options.out.write_text(write(CASES, answers, here), encoding="utf-8")
    return 0
