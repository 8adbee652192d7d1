"""`python -m lab test`: the contract suite where it sees the yard, with captures of what fails when asked."""

from __future__ import annotations

import os
import shlex
from typing import Annotated

import typer

from lab.backends.compose import Compose
from lab.capture import marks
from lab.capture.suite import captured
from lab.runner import Runner


def run(
    role: Annotated[str, typer.Option("--role", envvar="ROLE", help="one role, or several with spaces")] = "",
    arguments: Annotated[str, typer.Option("--args", envvar="ARGS", help="more words for pytest")] = "",
    capture: Annotated[
        bool,
        typer.Option(envvar="CAPTURE", help="keep the packets of each test that fails; no two at a time"),
    ] = False,
    backend: Annotated[
        str, typer.Option("--backend", envvar="BACKEND", help="auto, embedded or compose")
    ] = "auto",
) -> None:
    """Run the contract suite where it sees the yard."""
    runner = Runner.open(backend, lambda text: typer.echo(text, err=True))
    runner.require_up()
    chosen = [f"--role={name}" for name in role.split()]
    words = shlex.split(arguments)
    where = [] if any(word.startswith("tests") for word in words) else ["tests"]
    # One test at a time, unless asked otherwise: what passes between its marks is then its own.
    own = any(word.startswith("-n") for word in words)
    parallel = [] if own else ["-n", "0" if capture else "auto"]
    status = _judged(runner, [*parallel, "-q", *chosen, *words, *where], capture=capture)
    if isinstance(runner.backend, Compose) and not chosen and not words:
        status = runner.backend.test_documents(["-q"]) or status
    runner.show()
    raise typer.Exit(status)


def _judged(runner: Runner, words: list[str], *, capture: bool) -> int:
    """The exit status of the suite; with `capture`, says where the packets of failed tests are."""
    if not capture:
        return runner.backend.test(words)
    with captured(runner) as packets:
        status = runner.backend.test(words if packets is None else [*words, f"--wire-marks={marks.PORT}"])
    for file in packets.files if packets else ():
        runner.say(f"packets: {os.path.relpath(file)}")
    if packets and packets.too_many:
        runner.say(
            f"{packets.too_many} more failed; only the first {len(packets.files)} have their packets kept"
        )
    return status
