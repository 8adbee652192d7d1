"""The report as a table for the terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.table import Table

from certs.zoo import Case, Verdict
from clients.tls.report.model import Answer

Answers = Mapping[str, Sequence[Answer]]

_CORRECT = {Verdict.ACCEPT: "yes", Verdict.REFUSE: "no", Verdict.REFUSE_IF_CHECKED: "either"}


def cell(answer: Answer, case: Case) -> str:
    """One word; a wrong one shouts."""
    word = "accepts" if answer.accepted else "refuses"
    return word.upper() if answer.wrong(case) else word


def terminal(cases: Sequence[Case], answers: Answers) -> Table:
    """A row a case, a column a client: whether it accepts. Our eight clients fit in eighty columns."""
    table = Table(
        title="Which client accepts what?",
        caption="YES and NO in capitals are wrong",
        row_styles=["", "dim"],
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for name in ("certificate", "correct", *answers):
        table.add_column(name.replace("-", "-\n"), no_wrap=True)
    for number, case in enumerate(cases):
        row = [_coloured(column[number], case) for column in answers.values()]
        table.add_row(case.name, _CORRECT[case.verdict], *row)
    return table


def _coloured(answer: Answer, case: Case) -> str:
    word = "yes" if answer.accepted else "no"
    return f"[bold red]{word.upper()}[/]" if answer.wrong(case) else word


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
