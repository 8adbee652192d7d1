"""The command line: `make` for the yard itself. Plain argparse, so that the services' image can run it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from certs import leaves
from certs.errors import CertsError
from certs.make import Leaf, Made
from certs.store import Owner
from certs.whole import make


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when it worked, 1 with one line on stderr when it did not, 2 for bad usage."""
    options = _parser().parse_args(arguments)
    try:
        lines = options.run(options)
    except CertsError as error:
        sys.stderr.write(f"certs: {error}\n")
        return 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m certs", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    made = commands.add_parser("make", help="make or renew what the yard's services need")
    made.add_argument("--out", type=Path, required=True, metavar="DIR", help="the store's folder")
    made.add_argument("--uid", type=int, help="give the services' files to this user")
    made.add_argument(
        "--leaf",
        action="append",
        metavar="ROLE=NAME,ADDRESS,…",
        help="certificates for these instead of for the topology's services; may be repeated",
    )
    made.set_defaults(run=_make)
    return parser


def _make(options: argparse.Namespace) -> list[str]:
    wanted = tuple(map(leaves.parse, options.leaf)) if options.leaf else _topology()
    report = make(options.out, wanted, Owner(options.uid))
    kept = sum(not made.why for made in report)
    return [*(_line(made) for made in report if made.why), f"{kept} kept, {len(report) - kept} made"]


def _topology() -> tuple[Leaf, ...]:
    from lab.topology import load  # noqa: PLC0415 - only this path needs the topology's reader

    return leaves.from_topology(load())


def _line(made: Made) -> str:
    return f"{made.name:26} made ({made.why}), until {made.ends:%Y-%m-%d %H:%M} UTC"
