"""Chooses the backend: the one that is up, else containers where an engine answers, else plain processes."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from lab.backends import Backend
from lab.backends.compose import Compose
from lab.backends.embedded import Embedded
from lab.errors import EngineError, LabError
from lab.state import StateDirectory
from lab.topology import Topology

CHOICES = ("auto", "embedded", "compose")
# Seconds; an engine that is alive answers in a tenth of one.
ENGINE_ANSWERS_WITHIN = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend, and why this one."""

    backend: Backend
    reason: str


def choose(wanted: str, topology: Topology, state: StateDirectory, environ: Mapping[str, str]) -> Choice:
    """The backend for `wanted` (one of CHOICES). Raises LabError; EngineError when compose cannot be had."""
    if wanted not in CHOICES:
        raise LabError(f"BACKEND={wanted}: choose one of {', '.join(CHOICES)}")
    embedded, compose = Embedded(topology, state, environ), Compose(topology, state, environ)
    if wanted == "embedded":
        return Choice(embedded, "asked for")
    if wanted == "auto" and embedded.is_up():
        return Choice(embedded, "the yard is up there")
    trouble = engine_trouble(environ)
    if wanted == "compose" and trouble:
        raise EngineError(f"BACKEND=compose needs a Docker engine: {trouble}; BACKEND=embedded needs none")
    if trouble:
        return Choice(embedded, trouble)
    return Choice(compose, "asked for" if wanted == "compose" else "a Docker engine answers")


def engine_trouble(environ: Mapping[str, str]) -> str | None:
    """Why no containers can be had here, or None when they can."""
    try:
        found = _run(environ, "docker", "version", "--format", "{{.Server.Version}}")
    except FileNotFoundError:
        return "there is no docker command"
    except subprocess.TimeoutExpired:
        return f"the Docker engine does not answer within {ENGINE_ANSWERS_WITHIN} s"
    if found.returncode:
        return "no Docker engine answers"
    if _run(environ, "docker", "compose", "version", "--short").returncode:
        return "docker has no compose plugin"
    return None


def _run(environ: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENGINE_ANSWERS_WITHIN,
        env=dict(environ),
    )
