"""What is measured, as frozen dataclasses: a row is one work, done by several peers under one load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The median of each round's own ratio, or None where one did nothing.

    Peers are measured in turn, so that what slows the machine for a while slows both of a round's rates.
    """
    if not ours or not theirs or not all(theirs):
        return None
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


@dataclass(frozen=True, slots=True)
class Sample:
    """One timed round: operations (or megabytes) per second, and what went wrong."""

    rate: float
    errors: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """A sample with the server's own cost: CPU microseconds per operation, resident memory in MiB."""

    sample: Sample
    cpu_us: float
    memory: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A peer's rounds in one row: medians, the spread of the rate, errors and losses added up."""

    peer: str
    version: str
    rounds: tuple[Round, ...]

    @property
    def rates(self) -> tuple[float, ...]:
        """The rate of each round, units per second."""
        return tuple(r.sample.rate for r in self.rounds)

    @property
    def rate(self) -> float:
        """Median rate, units per second."""
        return median(self.rates)

    @property
    def spread(self) -> float:
        """(greatest - least) / median of the rates."""
        return (max(self.rates) - min(self.rates)) / self.rate if self.rate else 0.0

    @property
    def cpu_us(self) -> float:
        """Median CPU microseconds the server spent on one operation."""
        return median(r.cpu_us for r in self.rounds)

    @property
    def memory(self) -> float:
        """Greatest resident memory seen, MiB."""
        return max(r.memory for r in self.rounds)

    @property
    def errors(self) -> int:
        """Errors and lost messages of all rounds; any is fatal to the figure."""
        return sum(r.sample.errors + r.sample.lost for r in self.rounds)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer was told to listen, and the certificates it was given."""

    port: int
    directory: str
    authority: str

    @property
    def address(self) -> str:
        """The address that every peer listens on."""
        return "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that can do a row's work.

    `argv` and the text of `files` may name {port}, {dir}, {certs}, {bench}, {project} and {kind}; before the
    start `files` are written into {dir}, and `prepared` makes there what has to be compiled or fetched, with
    `program`, which is then asked for on the host alone; `environ` is added to the environment.
    """

    name: str
    program: str
    package: str
    argv: tuple[str, ...]
    version: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    prepared: tuple[str, ...] = ()


Load = Callable[[Place, float], Sample]
Check = Callable[[Place], bytes]


@dataclass(frozen=True, slots=True)
class Row:
    """One work. `check` gives the bytes that every peer must answer alike; `target` is the ratio to Node."""

    name: str
    work: str
    unit: str
    kind: str
    load: Load
    check: Check
    peers: tuple[Peer, ...]
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A row's figures, and the peers that gave none, each with the reason."""

    row: Row
    figures: tuple[Figure, ...]
    missing: tuple[tuple[str, str], ...] = ()

    def ratio(self, figure: Figure, peer: str) -> float | None:
        """`figure`'s rate over that of `peer`, round by round, or None where `peer` has none."""
        other = next((f for f in self.figures if f.peer == peer), None)
        return paired(figure.rates, other.rates) if other else None
