"""Takes the figures of a row: every peer checked, then timed in turn, A B C A B C, on its own core."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from bench.containers import image, in_containers, once
from bench.errors import BenchError, UnfairRow
from bench.model import Figure, Load, Peer, Result, Round, Row
from bench.processes import Server, started

Say = Callable[[str], None]


def take(row: Row, certs: Path, project: Path, *, rounds: int, seconds: float, say: Say) -> Result:
    """The row's result. A peer that is missing, or answers otherwise than the first, gives none."""
    missing: list[tuple[str, str]] = []
    figures: dict[str, list[Round]] = {}
    with ExitStack() as stack:
        servers = _start(row, certs, project, stack, missing)
        _warm_up(row, servers, missing)
        for number in range(rounds):
            for server in list(servers):
                say(f"{row.name}: {server.peer.name}, round {number + 1} of {rounds}")
                try:
                    figures.setdefault(server.peer.name, []).append(timed(row.load, server, seconds))
                except BenchError as error:
                    missing.append((server.peer.name, str(error)))
                    servers.remove(server)
                    figures.pop(server.peer.name, None)
    kept = tuple(Figure(p.name, _version(p), tuple(figures[p.name])) for p in row.peers if p.name in figures)
    return Result(row, kept, tuple(missing))


def _start(
    row: Row, certs: Path, project: Path, stack: ExitStack, missing: list[tuple[str, str]]
) -> list[Server]:
    servers = []
    for peer in row.peers:
        try:
            servers.append(stack.enter_context(started(peer, row.kind, certs, project)))
        except BenchError as error:
            missing.append((peer.name, str(error)))
    return servers


def _warm_up(row: Row, servers: list[Server], missing: list[tuple[str, str]]) -> None:
    """Holds every peer's answer against the first's, byte by byte, and loads each for a second."""
    wanted: bytes | None = None
    for server in list(servers):
        try:
            answer = row.check(server.place)
            wanted = answer if wanted is None else wanted
            if answer != wanted:
                raise UnfairRow(f"answers {answer[:60]!r}, not {wanted[:60]!r}")
            row.load(server.place, 1)
        except (BenchError, OSError) as error:
            missing.append((server.peer.name, str(error)))
            servers.remove(server)


def timed(load: Load, server: Server, seconds: float) -> Round:
    """One round of `load`, with what it cost the server. Raises BenchError."""
    before, _ = server.cost()
    sample = load(server.place, seconds)
    after, memory = server.cost()
    if not server.alive():
        raise UnfairRow("the server ended under load")
    return Round(sample, (after - before) / max(sample.rate * seconds, 1) * 1e6, memory)


def _version(peer: Peer) -> str:
    """What the program says of its version; of one made on the host, what made it."""
    made = peer.prepared and peer.version[0] == peer.program
    inside = in_containers() and not made
    return _said(*(once(peer.version, image(peer.argv)) if inside else peer.version))


@cache
def _said(*argv: str) -> str:
    """The first line of a command's output that holds a digit."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return "unknown"
    lines = (done.stdout + done.stderr).splitlines() if done.returncode == 0 else []
    versions: Sequence[str] = [line for line in lines if any(c.isdigit() for c in line)]
    return versions[0].strip()[:60] if versions else "unknown"
