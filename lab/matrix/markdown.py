"""The matrix as Markdown: a table of counts, one table of features for each role, and one of clients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.matrix.model import Matrix, Outcome, Run, Test, worst

SYMBOLS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.STALE: "!",
    Outcome.FLAKY: "~",
    Outcome.DECLINED: "–",
    Outcome.SKIPPED: "·",
    None: "",
}


def render(matrix: Matrix) -> str:
    """The document."""
    lines = ["# Interop matrix", "", f"{matrix.began}, {matrix.backend}, commit {matrix.commit}.", ""]
    lines += _counts(matrix)
    for role in matrix.roles:
        lines += ["", f"## {role}", "", *_features(matrix, role)]
    if matrix.clients:
        lines += ["", "## Clients", "", *_clients(matrix)]
    legend = ", ".join(f"{symbol} {outcome}" for outcome, symbol in SYMBOLS.items() if outcome)
    notes = "(known): why is written down for all of them; n/a: the client speaks another protocol."
    return "\n".join([*lines, "", f"{legend}; {notes}", ""])


def cell(tests: Sequence[Test]) -> str:
    """The worst outcome, how many had it, and whether that is known."""
    outcome = worst(tests)
    had = [test for test in tests if test.outcome is outcome]
    share = f" {len(had)}/{len(tests)}" if len(had) < len(tests) else ""
    noted = " (known)" if had and all(test.known for test in had) else ""
    return f"{SYMBOLS[outcome]}{share}{noted}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(heads: Sequence[str], rows: Iterator[list[str]]) -> list[str]:
    return [_row(heads), _row(["---"] * len(heads)), *map(_row, rows)]


def _counts(matrix: Matrix) -> list[str]:
    rows = (
        [run.role, run.implementation, ", ".join(f"{n} {v}" for n, v in run.versions.items()), *_numbers(run)]
        for run in matrix.runs
    )
    return _table(["role", "implementation", "version", *Outcome, "finding"], rows)


def _numbers(run: Run) -> list[str]:
    return [*(str(run.counts.get(outcome, 0) or "·") for outcome in Outcome), run.finding]


def _features(matrix: Matrix, role: str) -> list[str]:
    runs = matrix.of(role)
    rows = (
        [
            f"`{feature.name}`",
            feature.clause,
            feature.tier.value,
            *(cell(run.of(feature.name)) for run in runs),
        ]
        for feature in matrix.tested(role)
    )
    return _table(["feature", "clause", "tier", *(run.implementation for run in runs)], rows)


def _clients(matrix: Matrix) -> list[str]:
    rows = (
        [run.role, run.implementation, *(cell(run.by(name)) or "n/a" for name in matrix.clients)]
        for run in matrix.runs
        if run.tests
    )
    return _table(["role", "implementation", *matrix.clients], rows)
