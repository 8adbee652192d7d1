"""`python -m bench [ROW …]`: rows whose name starts with a word given; all of them without one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.model import Result, Row
from bench.page import render
from bench.report import absences, as_json, table
from bench.rows import all_rows
from bench.run import take

PROJECT = Path(__file__).resolve().parent.parent

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    rows: Annotated[list[str] | None, typer.Argument(help="Rows, by the start of their name.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each peer.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="Length of a round.")] = 3,
    out: Annotated[Path | None, typer.Option(help="Write NAME.json and NAME.html there.")] = None,
) -> None:
    """Measures each reference service and its peers in one run."""
    screen = Console()
    with tempfile.TemporaryDirectory(prefix="wireyard-bench-certs-") as directory:
        certs = _certificates(Path(directory))
        results: list[Result] = []
        with screen.status("") as status:
            for row in _chosen(all_rows(certs), rows or []):
                results.append(take(row, certs, PROJECT, rounds=rounds, seconds=seconds, say=status.update))
    screen.print(table(results))
    for line in absences(results):
        screen.print(line, markup=False, soft_wrap=True)
    if out is not None:
        found = as_json(results, rounds, seconds)
        out.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        out.with_suffix(".html").write_text(render(found), encoding="utf-8")


def _chosen(table_of_rows: tuple[Row, ...], words: list[str]) -> list[Row]:
    chosen = [row for row in table_of_rows if not words or any(row.name.startswith(w) for w in words)]
    if not chosen:
        raise typer.BadParameter(f"no row starts with {words}; there are {[r.name for r in table_of_rows]}")
    return chosen


def _certificates(directory: Path) -> Path:
    """Fresh certificates that peers of any user id can read; they end with the run."""
    directory.chmod(0o755)
    argv = [sys.executable, "-m", "certs", "make", "--out", str(directory)]
    subprocess.run(argv, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return directory


if __name__ == "__main__":
    app()
