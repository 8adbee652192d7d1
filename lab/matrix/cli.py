"""`make matrix`: every implementation of every role, judged in turn, and the reports of that."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from lab import contract
from lab.ending import ending_in_order
from lab.errors import LabError
from lab.matrix import known, report
from lab.matrix.judge import Judge, wishes
from lab.matrix.model import Matrix, Outcome, Run
from lab.matrix.rounds import rounds
from lab.matrix.stage import Stage
from lab.matrix.versions import commit
from lab.runner import Runner
from lab.state import StateDirectory
from lab.swap import Wish

progress = Console(stderr=True, highlight=False, soft_wrap=True)


def matrix(
    only: Annotated[str, typer.Option(envvar="ONLY", help="ROLE or ROLE=IMPLEMENTATION, with spaces")] = "",
    again: Annotated[bool, typer.Option("--render", help="write the reports again from matrix.json")] = False,
    backend: Annotated[
        str, typer.Option("--backend", envvar="BACKEND", help="auto, embedded or compose")
    ] = "auto",
) -> None:
    """Judge every implementation of every role, and write the interop matrix."""
    if again:
        _render()
        return
    runner = Runner.open(backend, lambda _text: None)
    runner.require_up()
    chosen = wishes(only.split())
    with ending_in_order(), _staged(runner) as stage:
        found = _judged(stage, chosen)
        # Before all is put back, which may fail: what was found stands.
        shown = report.beside_older(found, runner.state.results) if only else found
        for file in report.write(shown, runner.state.results):
            progress.print(f"wrote {os.path.relpath(file)}")
    runner.show()
    fresh = [f"{r.role}={r.implementation}: {t.id}" for r in found.runs for t in r.unexplained]
    broken = [f"{r.role}={r.implementation}: {r.finding}" for r in found.runs if r.finding]
    for outlived in known.outlived(known.load(), found.runs):
        progress.print(f"known to fail, but it passed: {outlived}", markup=False)
    for line in (*broken, *fresh):
        sys.stdout.write(f"{line}\n")
    raise typer.Exit(1 if fresh or broken else 0)


def _render() -> None:
    folder = StateDirectory.here().results
    if not (folder / report.JSON).is_file():
        raise LabError(f"there is no {report.JSON} in {folder}; `make matrix` writes it")
    report.write(report.read(folder / report.JSON), folder)


@contextmanager
def _staged(runner: Runner) -> Iterator[Stage]:
    stage = Stage.of(runner)
    try:
        yield stage
    finally:
        stage.put_back()


def _judged(stage: Stage, chosen: Sequence[Wish]) -> Matrix:
    begun, moment = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    folder = stage.runner.state.results / report.LOGS
    folder.mkdir(parents=True, exist_ok=True)
    contracts = contract.load()
    judge = Judge(stage, folder, known.load(), contracts)
    found = {(run.role, run.implementation): run for run in _rounds(judge, chosen)}
    runs = tuple(found[wish.role, wish.implementation] for wish in chosen)
    features = {
        role: tuple(contracts.features[role].values()) for role in dict.fromkeys(r.role for r in runs)
    }
    seconds = round(time.monotonic() - begun, 1)
    return Matrix(moment, seconds, stage.runner.backend.name, commit(), features, runs)


def _rounds(judge: Judge, chosen: Sequence[Wish]) -> Iterator[Run]:
    begun, planned = time.monotonic(), rounds(chosen)
    for number, together in enumerate(planned, 1):
        for run in judge.judge(together, f"round-{number}"):
            told = run.finding or ", ".join(f"{run.counts[o]} {o}" for o in Outcome if run.counts.get(o))
            progress.print(f"{run.role}={run.implementation}: {told}")
            yield run
        progress.print(f"round {number} of {len(planned)}: {time.monotonic() - begun:.0f} s since the start")
