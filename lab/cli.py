"""The command line, `python -m lab`; the Makefile is a thin face of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console

from lab import draw, later, table
from lab import neighbour as neighbours
from lab import readme as readmes
from lab import swap as swaps
from lab import topology as topologies
from lab.errors import LabError
from lab.runner import Runner
from lab.topology import Topology

app = typer.Typer(
    cls=later.Group, add_completion=False, no_args_is_help=True, help="Runs the yard.", rich_markup_mode=None
)
out = Console(width=None if sys.stdout.isatty() else 200)
progress = Console(stderr=True, highlight=False, soft_wrap=True)

BackendOption = Annotated[
    str,
    typer.Option("--backend", envvar="BACKEND", help="auto, embedded (processes) or compose (containers)"),
]
RolesOption = Annotated[str, typer.Option("--role", envvar="ROLE", help="one role, or several with spaces")]


def _say(text: str) -> None:
    progress.print(text, style="dim", markup=False)


@app.command()
def up(
    stack: Annotated[
        str, typer.Option(envvar="STACK", help="one implementation for all four HTTP roles")
    ] = "",
    backend: BackendOption = "auto",
) -> None:
    """Bring the yard up, wait until every service answers, and show what to try."""
    runner = Runner.open(backend, _say)
    if stack:
        runner = swaps.choose_stack(stack, runner)
    runner.up()
    _show(runner)


@app.command()
def down(backend: BackendOption = "auto") -> None:
    """Stop the yard and leave nothing behind."""
    runner = Runner.open(backend, _say)
    runner.backend.down()
    _say("the yard is down")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", envvar="JSON", help="for programs")] = False,
    backend: BackendOption = "auto",
) -> None:
    """Show what runs, where, what it takes, and how often it had to be started again."""
    runner = Runner.open(backend, _say)
    if as_json:
        sys.stdout.write(table.as_json(runner.topology, runner.status(measured=True), runner.backend.name))
    else:
        _show(runner, measured=True)


@app.command()
def restart(role: RolesOption = "", backend: BackendOption = "auto") -> None:
    """Stop and start services, all of them unless roles are given."""
    runner = Runner.open(backend, _say)
    runner.restart(role.split())
    _show(runner)


@app.command()
def kill(role: RolesOption, backend: BackendOption = "auto") -> None:
    """End a service as a crash would, and wait until it is back."""
    runner = Runner.open(backend, _say)
    runner.require_up()
    for name in role.split():
        out.print(runner.kill(name), markup=False)


@app.command()
def logs(
    role: RolesOption = "",
    follow: Annotated[bool, typer.Option(help="go on as lines are written")] = False,
    lines: Annotated[int, typer.Option(help="how many to begin with")] = 40,
    backend: BackendOption = "auto",
) -> None:
    """Show the newest lines that services wrote."""
    runner = Runner.open(backend, _say)
    names = [service.name for service in runner.services(role.split())]
    raise typer.Exit(runner.backend.logs(names, follow=follow, lines=lines))


@app.command()
def shell(backend: BackendOption = "auto") -> None:
    """Open a shell where the clients are, with every tool at hand."""
    runner = Runner.open(backend, _say)
    runner.require_up()
    raise typer.Exit(runner.backend.shell())


@app.command()
def swap(
    wishes: Annotated[list[str] | None, typer.Argument(metavar="ROLE=IMPLEMENTATION")] = None,
    image: Annotated[str, typer.Option(envvar="IMAGE", help="an image to run in the role")] = "",
    target: Annotated[str, typer.Option(envvar="TARGET", help="ADDRESS:PORT of a program on this host")] = "",
    judge: Annotated[bool, typer.Option(help="run the role's contract tests")] = True,
    backend: BackendOption = "auto",
) -> None:
    """Put another implementation in a role and run its contract tests; without arguments, list them."""
    if not wishes:
        out.print(table.swaps(topologies.load()))
        return
    runner = Runner.open(backend, _say)
    parsed = [swaps.Wish.parse(text, image, target) for text in wishes]
    judged = [wish.role for wish in parsed if _swap(wish, runner)]
    if judge and judged:
        runner = runner.on(topologies.load())
        roles = [f"--role={role}" for role in judged]
        raise typer.Exit(runner.backend.test(["-n", "auto", "-q", *roles, "tests"]))


def _swap(wish: swaps.Wish, runner: Runner) -> bool:
    """Whether the implementation may be judged. Raises LabError with what the trust gate found."""
    found = swaps.swap(wish, runner)
    if found is None:
        _say(f"{wish.role}={wish.implementation} is remembered; `make up` starts it")
        return False
    _say(f"{wish.role}={wish.implementation} took over in {found.ready:.1f} s, ends in {found.stopped:.1f} s")
    if found.finding:
        raise LabError(f"{wish.role}={wish.implementation} is not judged: {found.finding}")
    return True


def _page(yard: Topology) -> str:
    return str(later.load("lab.page:as_html")(yard))


_DRAWINGS: dict[str, Callable[[Topology], str]] = {
    "json": draw.as_json,
    "mermaid": draw.as_mermaid,
    "dot": draw.as_dot,
    "svg": draw.as_svg,
    "html": _page,
}


@app.command()
def topology(
    form: Annotated[
        str, typer.Option("--format", envvar="FORMAT", help="table, json, mermaid, dot, svg or html")
    ] = "table",
) -> None:
    """Show the yard as compose.yaml and the swaps in place describe it; needs no yard."""
    yard = topologies.load()
    if form == "table":
        out.print(table.places(yard))
        return
    if form not in _DRAWINGS:
        raise LabError(f"FORMAT={form}: choose one of table, {', '.join(_DRAWINGS)}")
    sys.stdout.write(_DRAWINGS[form](yard))


@app.command()
def readme() -> None:
    """Write the generated parts of README.md again, from compose.yaml."""
    text = readmes.README.read_text(encoding="utf-8")
    readmes.README.write_text(readmes.refreshed(text, topologies.shipped()), encoding="utf-8")


@app.command()
def neighbour(number: Annotated[int, typer.Argument(help="2 for the first yard beside this one")]) -> None:
    """Print the variables of another yard that runs beside this one."""
    sys.stdout.writelines(f"{name}={value}\n" for name, value in neighbours.variables(number).items())


def _show(runner: Runner, *, measured: bool = False) -> None:
    out.print(table.services(runner.topology, runner.status(measured=measured), runner.backend.name))
    tries = table.tries(runner.topology, runner.state, runner.backend.name)
    out.print(f"\n{tries}", markup=False, highlight=False, soft_wrap=True)


def main() -> int:
    """The exit status: 0 done, 1 with one line on stderr that says what to do, or that of the command run."""
    try:
        app()
    except LabError as error:
        progress.print(f"error: {error}", style="bold red", markup=False)
        if os.environ.get("WIREYARD_DEBUG"):
            raise
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0
