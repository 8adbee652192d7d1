"""The results for people and for programs: a terminal table, and JSON that `schema.json` describes."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rich.table import Table

from bench.containers import in_containers
from bench.model import Figure, Result
from bench.yard import Fact

RATIO_TO = "node"


def table(results: Sequence[Result]) -> Table:
    """One line a figure: rate, spread, CPU, memory, ratio to Node."""
    drawn = Table(title="Wireyard and its peers, one core each for server and load")
    for heading, justify in _HEADINGS:
        drawn.add_column(heading, justify=justify)
    for result in results:
        for figure in result.figures:
            drawn.add_row(*_cells(result, figure))
        drawn.add_section()
    return drawn


def absences(results: Sequence[Result]) -> list[str]:
    """Who gave no figure, and why."""
    return [f"{r.row.name}: no figure of {peer}: {reason}" for r in results for peer, reason in r.missing]


_HEADINGS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("row", "left"),
    ("peer", "left"),
    ("per second", "right"),
    ("spread", "right"),
    ("CPU µs/op", "right"),
    ("MiB", "right"),
    ("× node", "right"),
    ("note", "left"),
)


def _cells(result: Result, figure: Figure) -> tuple[str, ...]:
    ratio = result.ratio(figure, RATIO_TO)
    return (
        result.row.name,
        figure.peer,
        f"{figure.rate:,.0f} {result.row.unit}",
        f"{figure.spread:.0%}",
        f"{figure.cpu_us:.1f}",
        f"{figure.memory:.0f}",
        f"{ratio:.2f}" if ratio else "",
        f"VOID: {figure.errors} errors" if figure.errors else "",
    )


def in_one_line(result: Result) -> str:
    """What a row came to, to be told as soon as it has."""
    told = ", ".join(f"{f.peer} {f.rate:,.0f}{' VOID' if f.errors else ''}" for f in result.figures)
    return f"{result.row.name}: {told} {result.row.unit}/s"


def lab_table(facts: Sequence[Fact]) -> Table:
    """One line a figure of the lab."""
    drawn = Table(title="The lab itself")
    for heading in ("what", "backend", "figure"):
        drawn.add_column(heading, justify="right" if heading == "figure" else "left")
    for fact in facts:
        drawn.add_row(fact.what, fact.backend, f"{fact.value:,.1f} {fact.unit}")
    return drawn


def as_json(
    results: Sequence[Result], rounds: int, seconds: float, facts: Sequence[Fact] = ()
) -> dict[str, Any]:
    """The results with the machine they were taken on."""
    return {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "rounds": rounds,
        "seconds": seconds,
        "servers": "containers" if in_containers() else "processes",
        "rows": [_row(result) for result in results],
        "lab": [asdict(fact) for fact in facts],
    }


def machine() -> dict[str, object]:
    """What the figures depend on: processor, cores, kernel, Python."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def _row(result: Result) -> dict[str, object]:
    return {
        "name": result.row.name,
        "work": result.row.work,
        "unit": result.row.unit,
        "target": result.row.target,
        "figures": [_figure(result, figure) for figure in result.figures],
        "missing": [{"peer": peer, "reason": reason} for peer, reason in result.missing],
    }


def _figure(result: Result, figure: Figure) -> dict[str, object]:
    return {
        "peer": figure.peer,
        "version": figure.version,
        "rate": round(figure.rate, 1),
        "rates": [round(rate, 1) for rate in figure.rates],
        "spread": round(figure.spread, 4),
        "cpu_us": round(figure.cpu_us, 3),
        "memory_mib": round(figure.memory, 1),
        "errors": figure.errors,
        "ratio_to_node": result.ratio(figure, RATIO_TO),
    }
