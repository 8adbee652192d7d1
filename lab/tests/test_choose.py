"""Which backend a person gets who names none, and the one line that says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab import choose as chooser
from lab import topology
from lab.choose import Choice, choose
from lab.errors import EngineError, LabError
from lab.neighbour import variables
from lab.state import StateDirectory
from lab.topology import PROJECT

ANSWERS = "exit 0"
SILENT = 'echo "Cannot connect to the Docker daemon at $DOCKER_HOST" >&2; exit 1'
WITHOUT_PLUGIN = '[ "$1" = version ]'
HANGS = "exec tail -f /dev/null"


@pytest.fixture
def chosen(tmp_path: Path) -> Choosing:
    return Choosing(tmp_path)


class Choosing:
    """A machine whose docker command, if it has one, is a script of the test's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def environ(self, docker: str | None) -> Mapping[str, str]:
        """A PATH with nothing but `docker`."""
        programs = self._folder / "bin"
        programs.mkdir()
        for name in ("sh", "tail"):
            (programs / name).symlink_to(f"/usr/bin/{name}")
        if docker is not None:
            (programs / "docker").write_text(f"#!/bin/sh\n{docker}\n")
            (programs / "docker").chmod(0o755)
        return {"PATH": str(programs)}

    def __call__(self, wanted: str, docker: str | None) -> Choice:
        yard = topology.shipped()
        return choose(wanted, yard, StateDirectory(self._folder / "state"), self.environ(docker))


@pytest.mark.parametrize(
    ("docker", "backend", "reason"),
    [
        (ANSWERS, "compose", "a Docker engine answers"),
        (None, "embedded", "there is no docker command"),
        (SILENT, "embedded", "no Docker engine answers"),
        (WITHOUT_PLUGIN, "embedded", "docker has no compose plugin"),
    ],
)
def test_containers_are_chosen_where_an_engine_answers_and_processes_elsewhere(
    docker: str | None, backend: str, reason: str, chosen: Choosing
) -> None:
    choice = chosen("auto", docker)
    assert (choice.backend.name, choice.reason) == (backend, reason)


def test_an_engine_that_hangs_is_not_waited_for(chosen: Choosing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chooser, "ENGINE_ANSWERS_WITHIN", 0.5)
    choice = chosen("auto", HANGS)
    assert (choice.backend.name, choice.reason) == (
        "embedded",
        "the Docker engine does not answer within 0.5 s",
    )


def test_who_asks_for_containers_without_an_engine_is_told_why_and_what_else_there_is(
    chosen: Choosing,
) -> None:
    with pytest.raises(EngineError) as error:
        chosen("compose", None)
    assert str(error.value) == (
        "BACKEND=compose needs a Docker engine: there is no docker command; BACKEND=embedded needs none"
    )


def test_who_asks_for_processes_gets_them_whatever_answers(chosen: Choosing) -> None:
    choice = chosen("embedded", ANSWERS)
    assert (choice.backend.name, choice.reason) == ("embedded", "asked for")


def test_an_unknown_backend_is_an_error_that_names_the_three(chosen: Choosing) -> None:
    with pytest.raises(LabError, match="choose one of auto, embedded, compose"):
        chosen("podman", ANSWERS)


@pytest.mark.parametrize(
    ("docker", "reason"), [(None, "there is no docker command"), (SILENT, "no Docker engine answers")]
)
def test_the_command_says_its_choice_in_one_line(
    docker: str | None, reason: str, chosen: Choosing, tmp_path: Path
) -> None:
    """Every command opens the yard in the same way, `up` among them; this one starts nothing."""
    kept = {name: value for name, value in os.environ.items() if name != "BACKEND"}
    beside = variables(9) | {"WIREYARD_STATE": str(tmp_path / "state")}
    done = subprocess.run(
        [sys.executable, "-m", "lab", "down"],
        cwd=PROJECT,
        env={**kept, **beside, **chosen.environ(docker), "DOCKER_HOST": "tcp://127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines() == [f"backend: embedded ({reason})", "the yard is down"]
