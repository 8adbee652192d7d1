"""lab/matrix/stage.py: what is placed, what is put back, and what becomes of those that do not start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lab.errors import EngineError, LabError, NotReadyError
from lab.matrix import stage as stages
from lab.matrix.stage import Stage
from lab.selection import Selection
from lab.swap import Judgement, Wish, yard_of
from lab.topology import PROJECT, Topology


class FakeBackend:
    """Remembers which implementation each service was given; `broken` cannot be prepared, `mute` placed."""

    name = "compose"

    def __init__(self, broken: Sequence[str] = (), mute: Sequence[str] = ()) -> None:
        self.topology: Topology | None = None
        self.broken, self.mute = broken, mute
        self.placed: list[str] = []
        self.stopped: list[str] = []

    def implementation(self, service: str) -> str:
        assert self.topology is not None
        return f"{service}={self.topology.services[service].implementation}"

    def prepare(self, services: Sequence[str]) -> None:
        for service in services:
            if self.implementation(service) in self.broken:
                raise EngineError(f"there is no image for {service}")

    def place(self, service: str) -> None:
        self.placed.append(self.implementation(service))

    def stop(self, service: str) -> float:
        self.stopped.append(self.implementation(service))
        return 0.25

    def start(self, service: str) -> None:
        pass


class FakeRunner:
    """A runner whose gate is passed by whoever is not `mute`."""

    def __init__(self, backend: FakeBackend) -> None:
        self.backend = backend

    def on(self, topology: Topology) -> FakeRunner:
        self.topology = self.backend.topology = topology
        return self

    def wait(self, services: Sequence[Any]) -> None:
        for service in services:
            if self.backend.implementation(service.name) in self.backend.mute:
                raise NotReadyError(f"{service.name} is not ready")


def stage(backend: FakeBackend) -> Stage:
    before = Selection(("compose.yaml",), PROJECT)
    runner: Any = FakeRunner(backend).on(yard_of(before, {}))
    return Stage(runner, before, before)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "yard_of", lambda selection: yard_of(selection, {}))


SQUID, NODE = Wish("proxy", "squid"), Wish("tcp-echo", "node")


def test_only_what_differs_is_placed_and_all_that_is_judged_is_stopped_once() -> None:
    backend = FakeBackend()
    found = stage(backend).place([SQUID, NODE, Wish("dns", "reference")])
    assert sorted(backend.placed) == ["proxy=squid", "tcp-echo=node"]
    assert sorted(backend.stopped) == ["dns=reference", "proxy=squid", "tcp-echo=node"]
    assert found["dns"] == Judgement(ready=0.0, stopped=0.25)


def test_the_next_round_puts_back_what_is_not_judged_in_it() -> None:
    backend = FakeBackend()
    yard = stage(backend)
    yard.place([SQUID])
    yard.place([NODE])
    assert sorted(backend.placed) == ["proxy=reference", "proxy=squid", "tcp-echo=node"]
    yard.put_back()
    assert backend.placed[-1] == "tcp-echo=reference"


@pytest.mark.parametrize("trouble", [{"broken": ["proxy=squid"]}, {"mute": ["proxy=squid"]}])
def test_who_does_not_start_is_the_finding_and_the_others_are_judged(trouble: dict[str, Any]) -> None:
    backend = FakeBackend(**trouble)
    found = stage(backend).place([SQUID, NODE])
    assert isinstance(found["proxy"], LabError)
    assert isinstance(found["tcp-echo"], Judgement)
    assert backend.implementation("proxy") == "proxy=reference"


def test_a_wrong_file_touches_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("services: {dns: {image: a}, http1: {image: b}}")
    backend = FakeBackend()
    found = stage(backend).place([Wish("dns", str(file))])
    assert "this one changes http1 too" in str(found["dns"])
    assert backend.placed == backend.stopped == []


def test_what_does_not_come_back_after_a_failure_is_an_error() -> None:
    with pytest.raises(NotReadyError):
        stage(FakeBackend(mute=["proxy=squid", "proxy=reference"])).place([SQUID])


def test_what_never_comes_back_is_an_error() -> None:
    backend = FakeBackend(mute=["proxy=reference"])
    yard = stage(backend)
    yard.place([SQUID])
    with pytest.raises(NotReadyError):
        yard.put_back()


def test_env_is_left_alone() -> None:
    yard = stage(FakeBackend())
    before = {file: file.read_bytes() for file in PROJECT.glob(".env")}
    yard.place([SQUID])
    assert {file: file.read_bytes() for file in PROJECT.glob(".env")} == before
