"""`python -m lab demo`: the scenes in the terminal, or as JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from lab.demo.play import Player
from lab.demo.scene import Performance, Played, Scene
from lab.demo.scenes import SCENES
from lab.demo.stage import YardStage, journals, words
from lab.errors import LabError
from lab.runner import Runner
from lab.topology import View

_INDENT = (0, 0, 0, 4)
_LONGEST = 90
_LONGEST_LINE = 200
_WIDTH = 110
_FOREWORD = (
    "Commands that start with python3 are for `make shell`, where the clients are; those with make for here. "
    "Below each stands what the client printed, then what the service noted meanwhile."
)


def demo(
    scene: Annotated[str, typer.Option(envvar="SCENE", help="one scene, or several with spaces")] = "",
    fast: Annotated[bool, typer.Option(envvar="FAST", help="do not wait for Enter between steps")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs: one object a scene")] = False,
    svg: Annotated[Path | None, typer.Option(help="record what is shown as an SVG file")] = None,
    backend: Annotated[str, typer.Option(envvar="BACKEND")] = "auto",
) -> None:
    """Walk through the yard: a story, the command, both sides of the wire, what to notice."""
    runner = Runner.open(backend, lambda text: typer.echo(text, err=True))
    runner.require_up()
    chosen = _chosen(scene.split())
    player = _player(runner)
    if as_json:
        told = [_write(player.play(one)) for one in chosen]
        as_told = all(told)
    else:
        fixed = svg is not None or not sys.stdout.isatty()
        screen = Console(record=svg is not None, width=_WIDTH if fixed else None, highlight=False)
        waits = not fast and sys.stdin.isatty()
        screen.print(_FOREWORD, style="dim")
        shown = [_show(screen, player, one, waits=waits) for one in chosen]
        as_told = all(shown)
        if svg is not None:
            svg.write_text(_offline(screen.export_svg(title="make demo")), encoding="utf-8")
    raise typer.Exit(0 if as_told else 1)


def _offline(svg: str) -> str:
    """The recording without the fonts that it would fetch; the reader's own monospace does."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def _chosen(names: list[str]) -> list[Scene]:
    unknown = [name for name in names if name not in SCENES]
    if unknown:
        raise LabError(f"there is no scene {unknown[0]!r}; there are {', '.join(SCENES)}")
    return [SCENES[name] for name in names or SCENES]


def _player(runner: Runner) -> Player:
    inside = runner.backend.name == "compose"
    view = View.NETWORK if inside else View.HOST
    ca = "/ca/ca.pem" if inside else str(runner.state.ca_typed)
    return Player(YardStage(runner), words(runner.topology, view, ca), journals(runner.topology))


def _write(performance: Performance) -> bool:
    """One line of JSON, at once: what was played is told even if a later scene cannot be."""
    sys.stdout.write(f"{json.dumps(_as_dict(performance), ensure_ascii=False)}\n")
    sys.stdout.flush()
    return performance.as_told


def _as_dict(performance: Performance) -> dict[str, object]:
    scene = performance.scene
    told = {"scene": scene.name, "title": scene.title, "story": scene.story, "as_told": performance.as_told}
    return told | {"steps": [asdict(step) for step in performance.steps]}


def _show(screen: Console, player: Player, scene: Scene, *, waits: bool) -> bool:
    """Plays and shows one scene; whether it went as told."""
    screen.print()
    screen.print(Rule(Text(scene.title, style="bold")))
    screen.print(Text(scene.story, style="italic"))
    as_told = True
    for step in scene.steps:
        screen.print()
        screen.print(Text.assemble(("$ ", "bold green"), (player.typed(step), "bold")))
        played = player.step(step)
        _show_step(screen, played)
        as_told = as_told and not played.missing
        if waits:
            screen.input("[dim]Enter goes on …[/dim]")
    return as_told


def _show_step(screen: Console, step: Played) -> None:
    lines = [_cut(line) for line in step.output.rstrip().splitlines()]
    shown = lines[:_LONGEST] + ([f"… {len(lines) - _LONGEST} more lines"] if len(lines) > _LONGEST else [])
    screen.print(Padding(Text("\n".join(shown)), _INDENT))
    if step.events:
        screen.print(Padding(Text(f"the journal of {step.witness}", style="italic dim"), _INDENT))
        screen.print(Padding(_events(step), _INDENT))
    screen.print(Text.assemble(("→ ", "bold yellow"), step.notice))
    for phrase in step.missing:
        screen.print(Text(f"✗ not seen: {phrase}", style="bold red"))


def _events(step: Played) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("ms", justify="right")
    if streams := any(event["stream"] is not None for event in step.events):
        table.add_column("stream", justify="right")
    table.add_column("event", style="magenta")
    table.add_column("data", overflow="fold")
    start = _seconds(step.events[0])
    for event in step.events[:_LONGEST]:
        after = f"{(_seconds(event) - start) * 1000:.1f}"
        stream = [_plain(event["stream"])] if streams else []
        table.add_row(after, *stream, Text(str(event["event"])), Text(_data(event)))
    return table


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _seconds(event: Mapping[str, object]) -> float:
    return float(str(event["t"]))


def _data(event: Mapping[str, object]) -> str:
    data = event["data"]
    pairs = data.items() if isinstance(data, dict) else ()
    text = ", ".join(f"{name} {value}" for name, value in pairs if value not in (None, "", {}))
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"
