"""The yard's certificates: make them all, or issue, list, show, verify, export and revoke single ones.

Plain argparse, so that the services' image can run it.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from certs import commands, keys, leaves, renewal
from certs.errors import BadRequestError, CertsError, UnknownNameError
from certs.make import Leaf, Made
from certs.progress import SERVICES_READY
from certs.store import Owner
from certs.term import LIFE, LIVES
from certs.whole import making, renewing


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when it worked, 1 with one line on stderr when it did not, 2 for bad usage."""
    options = _parser().parse_args(arguments)
    try:
        if "store" in options:
            options.store = _store(options.store, public=options.run is _trust)
        for line in options.run(options):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough; the interpreter must not try again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except CertsError as error:
        sys.stderr.write(f"certs: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m certs", description=__doc__)
    adding = parser.add_subparsers(required=True, metavar="COMMAND")
    _make_parser(adding)
    issue = _command(adding, "issue", "a certificate for a service or a client of your own")
    issue.add_argument(
        "names", nargs="+", metavar="NAME", help="host names and addresses, the first names it"
    )
    issue.add_argument("--key", choices=keys.KINDS, default="p256")
    issue.add_argument("--days", type=int, default=30)
    issue.add_argument("--client", action="store_true", help="for a client instead of a server")
    _command(adding, "list", "every certificate, its end, and whether it is revoked")
    for name, text in (("show", "one chain"), ("revoke", "take one back"), ("verify", "build its path")):
        _command(adding, name, text).add_argument("name", help="as `list` shows it, for example own/my.test")
    adding.choices["verify"].add_argument("host", help="the name or address that a client expects")
    export = _command(adding, "export", "key and chain in one file")
    export.add_argument("name")
    export.add_argument("file", type=Path, help="*.p12 for PKCS #12, else PEM; - for PEM on the screen")
    export.add_argument("--password", default="wireyard", help="of the PKCS #12 file")
    _command(adding, "trust", "how to make other programs trust the yard's authority")
    return parser


def _make_parser(adding: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    made = adding.add_parser("make", help="make or renew what the yard's services need")
    made.add_argument("--uid", type=int, help="give the services' files to this user")
    kept = adding.add_parser("renew", help="go on renewing it whenever it is due, without the root's key")
    for parser, run in ((made, _make), (kept, _renew)):
        _out_argument(parser)
        parser.add_argument(
            "--leaf",
            action="append",
            metavar="ROLE=NAME,ADDRESS,…",
            help="certificates for these instead of for the topology's services; may be repeated",
        )
        parser.add_argument(
            "--life", metavar="SECONDS", help="of what is made; default: as compose.yaml says"
        )
        parser.set_defaults(run=run)


def _out_argument(parser: argparse.ArgumentParser) -> None:
    told = os.environ.get("WIREYARD_STORE")
    text = "the store's folder; default: WIREYARD_STORE"
    parser.add_argument("--out", type=Path, default=told, required=told is None, metavar="DIR", help=text)


def _command(
    adding: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    parser = adding.add_parser(name, help=text)
    parser.add_argument("--store", type=Path, metavar="DIR", help="default: the yard's own")
    parser.set_defaults(run=_RUN[name])
    return parser


def _store(asked: Path | None, *, public: bool) -> Path:
    """The store that was asked for, else this yard's; `public`: no more of it than whom to trust.

    Raises UnknownNameError where there is none.
    """
    where = asked or _own_store()
    if not (where / "ca" / "ca.pem").exists():
        raise UnknownNameError(
            f"{where} holds no authority; `make up` makes the yard's, --store DIR names another"
        )
    if not public and not (where / "authority" / "intermediate").exists():
        raise UnknownNameError(
            f"{where} holds no keys: containers keep them, where this works as"
            " `docker compose exec renewal python3 -m certs ...`"
        )
    return where.absolute()


def _own_store() -> Path:
    if told := os.environ.get("WIREYARD_STORE"):
        return Path(told)
    from lab.state import StateDirectory  # noqa: PLC0415 - as below

    return StateDirectory.here().certs


def _make(options: argparse.Namespace) -> Iterator[str]:
    wanted, life = _wanted(options)
    report, last = [], wanted[-1].role if wanted else "intermediate"
    for made in making(options.out, wanted, Owner(options.uid), life):
        report.append(made)
        if made.why:
            yield _line(made)
        if made.name == last:
            yield SERVICES_READY
    kept = sum(not made.why for made in report)
    yield f"{kept} kept, {len(report) - kept} made"


def _renew(options: argparse.Namespace) -> Iterator[str]:
    wanted, life = _wanted(options)
    renewal.hold_signals()
    return renewal.keeping(lambda: list(renewing(options.out, wanted, life)), renewal.wait_for_signal)


def _wanted(options: argparse.Namespace) -> tuple[tuple[Leaf, ...], timedelta]:
    """The services' leaves, and how long they last."""
    if options.leaf:
        return tuple(map(leaves.parse, options.leaf)), _life(options.life)
    from lab.topology import load  # noqa: PLC0415 - only this path needs the topology's reader

    yard = load()
    return leaves.from_topology(yard), _life(options.life or leaves.life_in(yard))


def _life(seconds: str | None) -> timedelta:
    """The usual one for None. Raises BadRequestError for what is no number, or a time that is no use."""
    if seconds is None:
        return LIFE
    if not (seconds.isascii() and seconds.isdecimal() and int(seconds) in LIVES):
        raise BadRequestError(f"a life of {seconds!r} is not from {LIVES[0]} to {LIVES[-1]} seconds")
    return timedelta(seconds=int(seconds))


def _line(made: Made) -> str:
    return f"{made.name:26} made ({made.why}), until {made.ends:%Y-%m-%d %H:%M} UTC"


def _issue(options: argparse.Namespace) -> list[str]:
    template = commands.wanted(options.names, options.key, options.days, client=options.client)
    return [commands.issue(options.store, options.names[0], template)]


def _export(options: argparse.Namespace) -> list[str]:
    if options.file == Path("-"):
        return commands.exported(options.store, options.name)
    return [commands.export(options.store, options.name, options.file, options.password)]


def _trust(options: argparse.Namespace) -> Iterable[str]:
    return commands.TRUST.format(ca=options.store / "ca" / "ca.pem").splitlines()


_RUN = {
    "issue": _issue,
    "list": lambda options: commands.listed(options.store),
    "show": lambda options: commands.shown(options.store, options.name),
    "verify": lambda options: [commands.verify(options.store, options.name, options.host)],
    "export": _export,
    "revoke": lambda options: [commands.withdraw(options.store, options.name)],
    "trust": _trust,
}
