"""The lab itself: how soon the yard is up, what a test and a swap take, what services and images weigh.

Measured on a neighbour of the yard, with ports and networks of its own, so that a running one is left alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import containers, watched
from bench.errors import BenchError, UnfairRow
from bench.watched import Watched
from lab.neighbour import variables

WORD = "lab"
NEIGHBOUR = 7
BACKENDS = ("embedded", "compose")
PATIENCE = 900.0
SWAPPED = "http1=node"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the lab: what was measured on which backend, in `unit`."""

    what: str
    backend: str
    value: float
    unit: str


class Yard:
    """A neighbouring yard on one backend."""

    def __init__(self, project: Path, backend: str) -> None:
        self.backend, self._project = backend, project
        beside = variables(NEIGHBOUR)
        self._environ = {**os.environ, **beside, "BACKEND": backend}
        self.state = project / beside["WIREYARD_STATE"]

    def run(self, *words: str) -> str:
        """What a command of the lab prints. Raises UnfairRow when it fails or hangs."""
        argv = [sys.executable, "-m", "lab", *words]
        try:
            done = subprocess.run(
                argv,
                cwd=self._project,
                env=self._environ,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UnfairRow(f"{' '.join(words)} did not end within {error.timeout:.0f} s") from error
        if done.returncode != 0:
            raise UnfairRow(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout

    def timed(self, *words: str) -> float:
        """Seconds that a command takes."""
        began = time.monotonic()
        self.run(*words)
        return time.monotonic() - began


def take(project: Path, say: Say, facts: list[Fact], missing: list[tuple[str, str]]) -> None:
    """Add the facts of every backend as they are known, and the backends that gave none with the reason."""
    facts += _matrix(project)
    try:
        say("lab: a service while the live page is open")
        facts += page_facts(watched.measure())
    except BenchError as error:
        missing.append(("the live page", str(error)))
    for backend in BACKENDS:
        yard = Yard(project, backend)
        try:
            for fact in _facts(yard, say):
                facts.append(fact)
        except BenchError as error:
            missing.append((backend, str(error)))
        finally:
            with suppress(BenchError):  # what does not go down was told as missing
                yard.run("down")
            shutil.rmtree(yard.state, ignore_errors=True)


def _facts(yard: Yard, say: Say) -> Iterator[Fact]:
    def fact(what: str, value: float, unit: str = "s") -> Fact:
        return Fact(what, yard.backend, round(value, 3), unit)

    if yard.backend == "compose":
        say("lab: images for compose")
        yard.run("up")
        yard.run("down")
    shutil.rmtree(yard.state, ignore_errors=True)
    say(f"lab: up on {yard.backend}, from nothing")
    yield fact("up, cold: no certificates, nothing runs", yard.timed("up"))
    yield fact("up, warm: everything runs", yard.timed("up"))
    for name, octets in _memory(yard.run("status", "--json")).items():
        yield fact(f"memory of {name}", octets / 2**20, "MiB")
    say(f"lab: suite on {yard.backend}")
    seconds = yard.timed("test")
    tests = _tests(yard.state / "results" / "junit.xml")
    yield fact(f"the suite of {tests} tests", seconds)
    yield fact("one test, on average", seconds / tests * 1000, "ms")
    say(f"lab: swap on {yard.backend}")
    yield fact(f"swap {SWAPPED}, ready to serve", yard.timed("swap", SWAPPED, "--no-judge"))
    yield fact("swap back", yard.timed("swap", "http1=reference", "--no-judge"))
    yield fact("down", yard.timed("down"))
    if yard.backend == "compose":
        yield from (Fact(f"image {name}", yard.backend, size, "MB") for name, size in _images().items())


def page_facts(found: Watched) -> list[Fact]:
    """What http1 keeps of its rate with the page open, and what a request then costs. Raises UnfairRow."""
    return [
        Fact(
            "live page open: rate of http1, of that without", "embedded", round(found.rate_kept * 100, 1), "%"
        ),
        Fact("live page open: CPU of a request, of that without", "embedded", round(found.cpu * 100, 1), "%"),
    ]


def _memory(status: str) -> Mapping[str, int]:
    """Resident octets by service, of those that are known."""
    services = json.loads(status)["services"]
    return {name: told["memory"] for name, told in services.items() if told.get("memory")}


def _tests(report: Path) -> int:
    """Number of tests in a JUnit report."""
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - we wrote it ourselves
    return sum(int(suite.get("tests", 0)) for suite in suites) or 1


def _images() -> Mapping[str, float]:
    """Megabytes of each image of this yard."""
    tag = containers.tag()
    argv = ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]
    names = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    ours = sorted({name for name in names if name.startswith("wireyard/") and name.endswith(f":{tag}")})
    return {name.removesuffix(f":{tag}"): _size(name) for name in ours}


def _size(image: str) -> float:
    argv = ["docker", "image", "inspect", "--format", "{{.Size}}", image]
    return int(subprocess.run(argv, capture_output=True, text=True, check=True).stdout) / 1e6


def _matrix(project: Path) -> list[Fact]:
    """How long the last matrix took, where there is one."""
    found = project / ".wireyard" / "results" / "matrix.json"
    if not found.is_file():
        return []
    told = json.loads(found.read_text(encoding="utf-8"))
    return [Fact(f"matrix of {len(told['runs'])} implementations", told["backend"], told["seconds"], "s")]
