"""Puts another implementation in a role, asks whether it may be judged, and puts the old one back if not."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import compose_file, contract, overrides
from lab import topology as topologies
from lab.backends import STOPS_WITHIN
from lab.errors import LabError, SwapError
from lab.runner import Runner
from lab.selection import REFERENCE, Catalogue, Selection
from lab.topology import PROJECT, ROLES, Service, Topology

STACK = ("http1", "https", "h2c", "h2")


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall fill `role`: `implementation` by name, or a file, an image, or a program on this host."""

    role: str
    implementation: str
    image: str = ""
    target: str = ""

    @classmethod
    def parse(cls, text: str, image: str = "", target: str = "") -> Wish:
        """`ROLE=IMPLEMENTATION`. Raises SwapError."""
        role, _, implementation = text.partition("=")
        if role not in ROLES:
            raise SwapError(f"{role!r} is no role; there are {', '.join(ROLES)}")
        if not implementation or (image and target):
            raise SwapError(f"say {role}=IMPLEMENTATION, with at most one of IMAGE= and TARGET=")
        return cls(role, implementation, image, target)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the trust gate found: seconds until ready, seconds that SIGTERM took."""

    ready: float
    stopped: float

    @property
    def finding(self) -> str | None:
        """Why the implementation cannot be judged, or None."""
        if self.stopped > STOPS_WITHIN:
            return f"it did not end within {STOPS_WITHIN:.0f} s of SIGTERM ({self.stopped:.1f} s)"
        return None


def select(wish: Wish, selection: Selection, runner: Runner) -> Selection:
    """The selection with `wish` fulfilled; nothing is written yet but files made for IMAGE and TARGET."""
    if wish.image or wish.target:
        file: str | None = _generate(wish, selection, runner)
    elif wish.implementation == REFERENCE:
        file = None
    elif "/" in wish.implementation or wish.implementation.endswith((".yaml", ".yml")):
        file = _user_file(wish.implementation)
    else:
        file = Catalogue().file(wish.role, wish.implementation)
    return selection.with_swap(wish.role, file)


def check(wish: Wish, selection: Selection, environ: Mapping[str, str] = os.environ) -> Topology:
    """The yard of `selection`, whose last file is to fulfil `wish`. Raises LabError when it does not."""
    old = topologies.load([selection.paths()[0]], compose_file.environment(PROJECT, environ))
    new = yard_of(selection, environ)
    if wish.implementation != REFERENCE:
        file = selection.files[-1]
        _check_reach(file, wish.role, old)
        _check_same_place(file, old.service(wish.role), new.service(wish.role))
    contract.load().check(new)
    return new


def yard_of(selection: Selection, environ: Mapping[str, str] = os.environ) -> Topology:
    """The yard that the files of `selection` describe. Raises LabError."""
    return topologies.load(selection.paths(), compose_file.environment(PROJECT, environ))


def swap(wish: Wish, runner: Runner, environ: Mapping[str, str] = os.environ) -> Judgement | None:
    """Replaces one service and leaves every other alone; None when no yard is up and it is only remembered.

    Raises SwapError when the new implementation is wrong or never ready, with the previous one back in place.
    """
    before = Selection.read(environ)
    after = select(wish, before, runner)
    new = check(wish, after, environ)
    after.write()
    if not runner.backend.is_up():
        return None
    begun = time.monotonic()
    try:
        runner = runner.on(new)
        _replace(runner, wish.role)
    except LabError as error:
        before.write()
        previous = runner.on(yard_of(before, environ))
        outcome = _put_back(previous, wish.role)
        raise SwapError(f"{wish.role}={wish.implementation}: {error}; {outcome}") from error
    judgement = Judgement(time.monotonic() - begun, stop_and_start(runner, wish.role))
    runner.show()
    return judgement


def choose_stack(name: str, runner: Runner, environ: Mapping[str, str] = os.environ) -> Runner:
    """Puts `name` in all four HTTP roles, to be used by the next `up`; the runner of that yard."""
    selection = Selection.read(environ)
    for role in STACK:
        wish = Wish(role, name)
        selection = select(wish, selection, runner)
        check(wish, selection, environ)
    selection.write()
    return runner.on(yard_of(selection, environ))


def _put_back(previous: Runner, role: str) -> str:
    """What became of the implementation that was in place."""
    name = previous.topology.service(role).implementation
    try:
        _replace(previous, role)
    except LabError as error:
        return f"and {name} does not come back: {error}"
    return f"{name} is back in place"


def _replace(runner: Runner, role: str) -> None:
    service = runner.topology.service(role)
    runner.backend.replace(service.name)
    runner.wait([service])


def stop_and_start(runner: Runner, role: str) -> float:
    """The seconds that what fills `role` took to end after SIGTERM; it answers again afterwards."""
    service = runner.topology.service(role)
    seconds = runner.backend.stop(service.name)
    runner.backend.start(service.name)
    runner.wait([service])
    return seconds


def _user_file(name: str) -> str:
    file = Path(name).absolute()
    if not file.is_file():
        raise SwapError(f"there is no file {name}")
    if ":" in str(file):
        raise SwapError(f"{name}: Compose separates file names by colons, so none may hold one")
    return str(file.relative_to(PROJECT) if file.is_relative_to(PROJECT) else file)


def _check_reach(file: str, role: str, old: Topology) -> None:
    touched = compose_file.service_names(PROJECT / file)
    if role not in touched:
        there = ", ".join(sorted(touched)) or "nothing"
        raise SwapError(f"{file}: it is to fill {role}, but speaks of {there}")
    others = sorted(touched & set(old.services) - {role})
    if others:
        raise SwapError(f"{file}: a swap changes one service, and this one changes {others[0]} too")


def _check_same_place(file: str, old: Service, new: Service) -> None:
    for name in sorted(set(old.ports) - {"control"}):
        if name in new.ports and new.ports[name] != old.ports[name]:
            there, due = new.ports[name], old.ports[name]
            problem = f"{there.number}/{there.transport} is not the contract's {due.number}/{due.transport}"
            raise SwapError(f"{file}: service {new.name!r}, wireyard.ports.{name}: {problem}")
    if "main" not in new.ports or new.authority != old.authority:
        raise SwapError(f"{file}: service {new.name!r}: a swap keeps its role's port and authority")


def _generate(wish: Wish, selection: Selection, runner: Runner) -> str:
    if wish.image and runner.backend.name != "compose":
        raise SwapError("IMAGE= needs containers: use BACKEND=compose")
    if wish.image:
        body = overrides.for_image(wish.role, wish.implementation, wish.image)
    else:
        yard = topologies.load([selection.paths()[0]])
        body = overrides.for_target(wish.role, wish.implementation, wish.target, yard)
    folder = runner.state.root / "swaps"
    return _user_file(str(overrides.write(wish.role, wish.implementation, body, folder)))
