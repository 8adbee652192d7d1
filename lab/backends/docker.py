"""Runs the `docker` command and turns its complaints into one clear line."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import IO

from lab.errors import EngineError, MissingToolError, NotReadyError
from lab.topology import PROJECT

# What Docker says, and what a person is told instead; `{0}` is what the pattern caught.
_MEANINGS = (
    (
        r"(?:Cannot connect to the Docker daemon|Is the docker daemon running)",
        "the Docker engine does not answer; start it, or use BACKEND=embedded, which needs none",
    ),
    (
        r"permission denied while trying to connect to the Docker",
        "this user may not use the Docker engine; join the docker group, or use BACKEND=embedded",
    ),
    (
        r"(?:Pool overlaps|invalid pool request|Address already in use)",
        "another network here has the yard's addresses; set WIREYARD_NET (and WIREYARD_NET6) in .env",
    ),
    (
        r"([\d.]+:\d+)[^\n]*?(?:port is already allocated|address already in use)",
        "port {0} is taken; stop what holds it, or set that port's variable in .env",
    ),
    (
        r"(?:No such image:|pull access denied for|failed to resolve source metadata for)\s*"
        r"([^\s:,]+(?::[^\s:,]+)?)",
        "there is no image {0}, here or in a registry that answers; build it, or correct its name",
    ),
    (r"no such service: (\S+)", "compose.yaml has no service {0}"),
    (r"no space left on device", "the engine's disk is full; docker system prune frees some"),
)
# Compose names the container of a service PROJECT-SERVICE-1; a project's name may hold hyphens too.
_UNHEALTHY = r"container {project}-(?P<service>[a-z0-9-]+)-\d+ (?:is unhealthy|exited \((?P<status>\d+)\))"
_FAILED = r'service "(?P<service>[^"]+)" didn\'t complete successfully: exit (?P<status>\d+)'


class Docker:
    """`docker` and `docker compose` as run in the project's folder, for the Compose project `project`."""

    def __init__(self, environ: Mapping[str, str], project: str, directory: Path = PROJECT) -> None:
        self._environ = dict(environ)
        self._project = project
        self._directory = directory

    def compose(self, *words: str, stdin: bytes | None = None, ends: Container[int] = (0,)) -> bytes:
        """The output of one `docker compose` command. Raises EngineError, NotReadyError, MissingToolError."""
        return self.run("docker", "compose", "--progress", "plain", *words, stdin=stdin, ends=ends)

    def run(self, *words: str, stdin: bytes | None = None, ends: Container[int] = (0,)) -> bytes:
        """The output of one command; a status among `ends` is no failure. Raises as `compose` does."""
        try:
            done = subprocess.run(
                words,
                cwd=self._directory,
                env=self._environ,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise MissingToolError("the compose backend", words[0], "docker-cli docker-compose") from error
        if done.returncode not in ends:
            raise complaint((done.stderr or done.stdout).decode("utf-8", "replace"), self._project)
        return done.stdout

    def attached(self, *words: str, log: IO[bytes] | None = None) -> int:
        """Runs `docker compose` on this terminal, or with its output in `log`; its exit status."""
        command = ["docker", "compose", *words]
        errors = None if log is None else subprocess.STDOUT
        done = subprocess.run(
            command, cwd=self._directory, env=self._environ, stdout=log, stderr=errors, check=False
        )
        return done.returncode


def complaint(text: str, project: str) -> EngineError | NotReadyError:
    """The error that Docker's own words about the containers of `project` stand for."""
    unready = re.search(_UNHEALTHY.format(project=re.escape(project)), text) or re.search(_FAILED, text)
    if unready:
        service, status = unready["service"], unready.groupdict().get("status")
        fate = f"ended with status {status}" if status else "does not pass its health check"
        return NotReadyError(f"{service} {fate}; see `make logs ROLE={service}`")
    if "not healthy after" in text:  # `up --wait` ran out of time, and names nobody
        return NotReadyError("not every container became healthy in time; see `make status`")
    for pattern, meaning in _MEANINGS:
        found = re.search(pattern, text)
        if found:
            return EngineError(meaning.format(*found.groups()))
    return EngineError(f"docker: {_last(text.splitlines())}")


def _last(lines: Sequence[str]) -> str:
    return next((line.strip() for line in reversed(lines) if line.strip()), "failed without a word")
