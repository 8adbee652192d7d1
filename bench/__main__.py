"""`python -m bench [ROW …]`: rows whose name starts with a word given; all of them without one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import profile as profiles
from bench.containers import build, in_containers
from bench.errors import BenchError
from bench.model import Result, Row
from bench.record import keep, write
from bench.report import absences, as_json, in_one_line, lab_table, table
from bench.rows import all_rows
from bench.run import take
from bench.yard import WORD, Fact
from bench.yard import take as take_lab
from lab.ending import ending_in_order

PROJECT = Path(__file__).resolve().parent.parent

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    rows: Annotated[
        list[str] | None, typer.Argument(help=f"Rows, by the start of their name; {WORD}: the lab itself.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each peer.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="Length of a round.")] = 3,
    out: Annotated[Path | None, typer.Option(help="Write NAME.json and NAME.html there.")] = None,
    profile: Annotated[
        Path | None, typer.Option(help="Instead, write a flame graph of the reference under the first row.")
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Keep the results in docs/, README.md.")] = False,
) -> None:
    """Measures each reference service and its peers in one run; Ctrl-C ends it with what is known by then."""
    screen = Console(width=None if sys.stdout.isatty() else 200)
    results: list[Result] = []
    facts: list[Fact] = []
    missing: list[tuple[str, str]] = []
    with ending_in_order(), tempfile.TemporaryDirectory(prefix="wireyard-bench-certs-") as directory:
        certs = _certificates(Path(directory))
        chosen = _chosen(all_rows(certs), rows or [])
        if profile is not None:
            profiles.record(chosen[0], certs, PROJECT, seconds, profile)
            return
        with screen.status("") as status, suppress(KeyboardInterrupt):
            if in_containers():
                status.update("images")
                _build_images(screen)
            for number, row in enumerate(chosen, 1):
                results.append(take(row, certs, PROJECT, rounds=rounds, seconds=seconds, say=status.update))
                told = f"{number}/{len(chosen)} {in_one_line(results[-1])}"
                screen.print(told, highlight=False, soft_wrap=True)
            # The lab is measured on both backends whatever servers run as.
            if WORD in rows if rows else not in_containers():
                take_lab(PROJECT, status.update, facts, missing)
    _show(screen, results, facts, missing)
    found = as_json(results, rounds, seconds, facts)
    if out is not None:
        write(out, found)
    if record:
        keep(found, PROJECT)


def _build_images(screen: Console) -> None:
    try:
        build()
    except BenchError as error:
        screen.print(f"images not built, those that are here are used: {error}", markup=False, soft_wrap=True)


def _show(
    screen: Console, results: Sequence[Result], facts: Sequence[Fact], missing: Sequence[tuple[str, str]]
) -> None:
    if results:
        screen.print(table(results))
    if facts:
        screen.print(lab_table(facts))
    for line in (*absences(results), *(f"lab: no figure of {name}: {reason}" for name, reason in missing)):
        screen.print(line, markup=False, soft_wrap=True)


def _chosen(table_of_rows: tuple[Row, ...], words: list[str]) -> list[Row]:
    if words == [WORD]:
        return []
    wanted = [word for word in words if word != WORD]
    chosen = [row for row in table_of_rows if not wanted or any(row.name.startswith(w) for w in wanted)]
    if not chosen:
        raise typer.BadParameter(f"no row starts with {words}; there are {[r.name for r in table_of_rows]}")
    return chosen


def _certificates(directory: Path) -> Path:
    """Fresh certificates that peers of any user id can read; they end with the run."""
    directory.chmod(0o755)
    argv = [sys.executable, "-m", "certs", "make", "--out", str(directory)]
    subprocess.run(argv, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    for file in directory.rglob("*.pem"):
        file.chmod(0o644)
    return directory


if __name__ == "__main__":
    app()
