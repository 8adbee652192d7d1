"""The results as one page that needs no network: tables, ratios to Node and the best peer, growth curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from bench.model import paired
from bench.rows import GROWTH

HERE = Path(__file__).parent
OURS, NODE = "reference", "node"
WIDTH, HEIGHT = 640, 220
Results = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Our rate in one row over Node's and over the best other peer's; None where there is none."""

    row: str
    to_node: float | None
    to_best: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """One row, with the length of each peer's bar in hundredths of the longest."""

    name: str
    row: Row
    bars: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """One peer's values, the points of its line in a box of WIDTH by HEIGHT, and where its name stands."""

    peer: str
    points: str
    label: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A growth curve: what is drawn, the labels along the bottom, and the greatest value."""

    title: str
    labels: tuple[str, ...]
    greatest: float
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Another page with the same rows: its address, and what servers ran as there."""

    href: str
    servers: str


def render(results: Results, beside: Sequence[Beside] = ()) -> str:
    """The page as HTML; `results` is what `report.as_json` gave."""
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True)
    rows = [row for row in results["rows"] if GROWTH not in row["name"]]
    facts = results["lab"]
    return environment.get_template("page.html.j2").render(
        results=results,
        beside=beside,
        ratios=[Ratio(row["name"], _ratio(row, NODE), best_peer(row)) for row in rows],
        groups=[Group(row["name"], row, _bars(row)) for row in results["rows"]],
        plots=list(_plots(results["rows"])),
        backends=list(dict.fromkeys(fact["backend"] for fact in facts)),
        lab={what: _by_backend(facts, what) for what in dict.fromkeys(fact["what"] for fact in facts)},
        ours=OURS,
        width=WIDTH,
        height=HEIGHT,
    )


def best_peer(row: Row) -> float | None:
    """Our rate over that of the fastest other peer without errors, or None."""
    others = [f for f in row["figures"] if f["peer"] != OURS and not f["errors"]]
    best = max(others, key=lambda figure: float(figure["rate"]), default=None)
    return _ratio(row, best["peer"]) if best else None


def _ratio(row: Row, peer: str) -> float | None:
    rates = {f["peer"]: f["rates"] for f in row["figures"] if not f["errors"]}
    return paired(rates[OURS], rates[peer]) if OURS in rates and peer in rates else None


def _bars(row: Row) -> Mapping[str, float]:
    rates = {f["peer"]: 0.0 if f["errors"] else float(f["rate"]) for f in row["figures"]}
    greatest = max(rates.values(), default=0.0) or 1.0
    return {peer: rate / greatest * 100 for peer, rate in rates.items()}


def _by_backend(facts: Sequence[Mapping[str, Any]], what: str) -> Mapping[str, Mapping[str, Any]]:
    return {fact["backend"]: fact for fact in facts if fact["what"] == what}


def _plots(rows: Sequence[Row]) -> Iterator[Plot]:
    """Rate and memory of each kind of growth: `http1 growth 10 connections` and its like."""
    grown = [row for row in rows if GROWTH in row["name"]]
    for kind, group in groupby(grown, lambda row: row["name"].split(GROWTH)[0]):
        same = list(group)
        over = f"of {kind}over the number of {same[0]['name'].split()[-1]}"
        yield _plot(same, "rate", f"{same[0]['unit'].capitalize()} per second {over}")
        yield _plot(same, "memory_mib", f"Memory in MiB {over}")


def _plot(rows: Sequence[Row], value: str, title: str) -> Plot:
    peers = list(dict.fromkeys(f["peer"] for row in rows for f in row["figures"]))
    found = {peer: [_value(row, peer, value) for row in rows] for peer in peers}
    greatest = max((v for values in found.values() for v in values), default=0.0) or 1.0
    labels = tuple(row["name"].split()[2] for row in rows)
    ends = apart({peer: HEIGHT * (1 - values[-1] / greatest) for peer, values in found.items()})
    curves = tuple(Curve(peer, _points(values, greatest), ends[peer]) for peer, values in found.items())
    return Plot(title, labels, greatest, curves)


def apart(places: Mapping[str, float], least: float = 15) -> Mapping[str, float]:
    """`places` in their order, each at least so far below the one before it."""
    moved: dict[str, float] = {}
    lowest = -least
    for name in sorted(places, key=places.__getitem__):
        lowest = moved[name] = max(places[name], lowest + least)
    return moved


def _value(row: Row, peer: str, value: str) -> float:
    return next((float(f[value]) for f in row["figures"] if f["peer"] == peer), 0.0)


def _points(values: Sequence[float], greatest: float) -> str:
    step = WIDTH / max(len(values) - 1, 1)
    return " ".join(f"{i * step:.0f},{HEIGHT * (1 - v / greatest):.0f}" for i, v in enumerate(values))
