"""Finds the examples of a Markdown document: fenced blocks called `console`, commands and what they print.

    ```console            runs on either backend
    ```console embedded   only where the yard is plain processes; or `compose`
    $ command \\
        goes on
    what it prints, where … stands for anything
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console(?: (?P<backend>\w+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(
    r"^\$ (?P<command>(?:[^\n]*\\\n)*[^\n]*)\n(?P<output>(?:(?!\$ )[^\n]*\n)*)", re.MULTILINE
)
_PROGRAM = re.compile(r"(?:^|\|\s*|;\s*)([a-z][\w.-]*)(?=\s)")


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and a pattern of what it prints."""

    command: str
    output: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What must match all of the output, white space at its end aside."""
        return re.compile(".*".join(map(re.escape, self.output.strip().split("…"))), re.DOTALL)

    @property
    def programs(self) -> frozenset[str]:
        """The programs that the command starts, as far as a glance tells."""
        return frozenset(_PROGRAM.findall(self.command))


@dataclass(frozen=True, slots=True)
class Example:
    """One block: where it stands, the backend that it is for (None: any), its steps in one shell."""

    where: str
    backend: str | None
    steps: tuple[Step, ...]


def examples(file: Path, name: str) -> Iterator[Example]:
    """Every example of `file`, called `name` in reports."""
    text = file.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        steps = tuple(Step(m["command"], m["output"]) for m in _COMMAND.finditer(block["body"]))
        yield Example(f"{name}:{line}", block["backend"], steps)
