"""The report as a table for the terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.table import Table

from certs.zoo import Case
from clients.tls.report.model import Answer

Answers = Mapping[str, Sequence[Answer]]


def cell(answer: Answer, case: Case) -> str:
    """One word; a wrong one shouts."""
    word = "accepts" if answer.accepted else "refuses"
    return word.upper() if answer.wrong(case) else word


def terminal(cases: Sequence[Case], answers: Answers) -> Table:
    """A row a case, a column a client."""
    table = Table(title="Who accepts what it must refuse?", row_styles=["", "dim"])
    table.add_column("certificate")
    table.add_column("correct")
    for name in answers:
        table.add_column(name)
    for number, case in enumerate(cases):
        row = [_coloured(column[number], case) for column in answers.values()]
        table.add_row(case.name, case.verdict.split(",")[0], *row)
    return table


def _coloured(answer: Answer, case: Case) -> str:
    return f"[bold red]{cell(answer, case)}[/]" if answer.wrong(case) else cell(answer, case)


def markdown(cases: Sequence[Case], answers: Answers, versions: Mapping[str, str]) -> str:
    """The same for a file, with the versions and what each client said."""
    lines = [f"* {name}: {version}" for name, version in versions.items()]
    lines += ["", "| certificate | what is wrong | clause | correct | " + " | ".join(answers) + " |"]
    lines.append("|---" * (4 + len(answers)) + "|")
    for number, case in enumerate(cases):
        row = [_bold(column[number], case) for column in answers.values()]
        lines.append("| " + " | ".join([case.name, case.wrong, case.clause, case.verdict, *row]) + " |")
    return "\n".join([*lines, ""])


def _bold(answer: Answer, case: Case) -> str:
    return f"**{cell(answer, case)}**" if answer.wrong(case) else cell(answer, case)


def as_json(cases: Sequence[Case], answers: Answers, versions: Mapping[str, str]) -> str:
    """Everything, each client's own words included."""
    rows = [
        {
            "certificate": case.name,
            "wrong": case.wrong,
            "clause": case.clause,
            "correct": case.verdict,
            "clients": {
                name: {
                    "accepted": c[number].accepted,
                    "wrong": c[number].wrong(case),
                    "words": c[number].words,
                }
                for name, c in answers.items()
            },
        }
        for number, case in enumerate(cases)
    ]
    return json.dumps({"versions": versions, "cases": rows}, indent=1, ensure_ascii=False)


def faults(cases: Sequence[Case], answers: Answers) -> list[str]:
    """Every wrong answer in one line."""
    return [
        f"{name} {'accepts' if column[n].accepted else 'refuses'} {case.name}: {case.wrong} ({case.clause})"
        + (f"; it says: {column[n].words}" if column[n].words else "")
        for name, column in answers.items()
        for n, case in enumerate(cases)
        if column[n].wrong(case)
    ]
