"""Every example in README.md and its companions does what the document says, against the yard that is up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import topology
from lab.state import StateDirectory
from lab.topology import PROJECT, Topology, View
from tests.docs.examples import Example, examples
from tests.support.yard import Yard

DOCUMENTS = [PROJECT / "README.md", *sorted(PROJECT.glob("docs/**/*.md")), *sorted(PROJECT.glob("*/**/*.md"))]
FOREIGN = {".venv", "node_modules", ".wireyard"}
# Ends the output of each step; no program prints it.
MARK = "\x1e"


def _examples() -> list[Example]:
    found = dict.fromkeys(file for file in DOCUMENTS if file.is_file() and not FOREIGN & set(file.parts))
    return [example for file in found for example in examples(file, str(file.relative_to(PROJECT)))]


@pytest.mark.parametrize("example", _examples(), ids=lambda example: example.where)
def test_an_example_does_what_the_document_says(example: Example, yard: Yard) -> None:
    _require(example, yard)
    script = "".join(f"{_here(step.command, yard)}\nprintf '{MARK}'\n" for step in example.steps)
    command = ["bash", "-o", "pipefail", "-e", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=30, check=False)
    outputs = done.stdout.split(MARK)
    for step, output in zip(example.steps, outputs, strict=False):
        assert step.pattern.fullmatch(output.strip()), f"$ {step.command}\n{output}{done.stderr}"
    assert len(outputs) == len(example.steps) + 1, done.stderr


def _require(example: Example, yard: Yard) -> None:
    if yard.view is not View.HOST:
        pytest.skip("the documents speak to people on the host")
    if example.backend not in {None, os.environ.get("WIREYARD_BACKEND", "embedded")}:
        pytest.skip(f"an example for {example.backend}")
    for program in sorted({program for step in example.steps for program in step.programs}):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def _here(command: str, yard: Yard) -> str:
    """`command` with the ports and files of this yard for those of a yard as shipped."""
    shipped, here = _ports(_shipped()), _ports(yard.topology)
    moved = {shipped[place]: port for place, port in here.items() if place in shipped}
    command = re.sub(r"\b77\d\d\b", lambda match: moved.get(match[0], match[0]), command)
    state = StateDirectory.here().root
    return command.replace(".wireyard/", f"{os.path.relpath(state, PROJECT)}/")


def _shipped() -> Topology:
    return topology.load([PROJECT / "compose.yaml"], environ={}, directory=Path("/nonexistent"))


def _ports(described: Topology) -> dict[tuple[str, str], str]:
    """Service and port name to the number on the host."""
    return {
        (service.name, name): str(port.host[1])
        for service in described.services.values()
        for name, port in service.ports.items()
        if port.host
    }
