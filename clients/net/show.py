"""Prints each step of a Trace with its time, as it happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from clients.net.errors import NetError
from clients.trace import Step, Trace

_STYLES = {"error": "red", "reset": "red", "endReceived": "dim", "close": "dim", "response": "bold"}


class Show:
    """`trace` tells its steps to the console: milliseconds since the first step, since the last, the step."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.trace = Trace(self._print)
        self._begun: float | None = None
        self._last = 0.0

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Tells what fails inside, at once, and ends the command: before what was open is closed."""
        try:
            yield
        except NetError as error:
            self.trace.step("error", kind=type(error).__name__, step=error.step, problem=error.problem)
            raise typer.Exit(1) from error

    def data(self, data: bytes) -> None:
        """What came, as text if it is any."""
        self.console.print(Text(data.decode("utf-8", "backslashreplace"), style="cyan"), soft_wrap=True)

    def _print(self, step: Step) -> None:
        if self._begun is None:
            self._begun = self._last = step.t
        line = Text()
        line.append(f"{(step.t - self._begun) * 1000:9.3f} ms ", style="dim")
        line.append(f"{(step.t - self._last) * 1000:+9.3f}  ", style="dim")
        line.append(f"{step.event:<14}", style=_STYLES.get(step.event, "green"))
        line.append("  ".join(f"{name}={_value(value)}" for name, value in step.data.items()))
        self.console.print(line, soft_wrap=True)
        self._last = step.t


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
