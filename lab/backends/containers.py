"""What the engine says of the yard's containers."""

from __future__ import annotations

import contextlib
import json
import re
import signal
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lab.backends import STOPS_WITHIN, State, Status
from lab.backends.docker import Docker
from lab.errors import EngineError

Container = Mapping[str, Any]

# What a running container's health check says; "" is a container without one.
_HEALTH = {
    "healthy": State.RUNNING,
    "": State.RUNNING,
    "starting": State.RUNNING,
    "unhealthy": State.FAILED,
}

_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_AMOUNT = re.compile(rf"([\d.]+)({'|'.join(_UNITS)})")


# The exit code of a container that was ended by SIGKILL.
_KILLED = 128 + signal.SIGKILL
# A container that is replaced between the list and the inspection asks for a new list, this often.
_LISTINGS = 4


class Containers:
    """The containers of one project, running or not."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker

    def all(self) -> list[Container]:
        """Every container, as `docker inspect` describes it."""
        for _ in range(_LISTINGS):
            with contextlib.suppress(EngineError):
                return self._inspect(*self._listed())
        return self._inspect(*self._listed())

    def _listed(self) -> list[str]:
        return self._docker.compose("--profile", "*", "ps", "--all", "--quiet").decode().split()

    def memory(self) -> dict[str, int]:
        """Service to the bytes that its running container takes."""
        names = {str(c["Id"]): service_of(c) for c in self.all() if c["State"]["Running"]}
        if not names:
            return {}
        command = ("docker", "stats", "--no-stream", "--no-trunc", "--format", "{{.ID}} {{.MemUsage}}")
        told = (line.split() for line in self._docker.run(*command, *names).decode().splitlines())
        return {names[words[0]]: bytes_of(words[1]) for words in told if words[0] in names}

    def stopped(self, service: str, begun: datetime) -> float:
        """Seconds from `begun` until `service` had ended, by the engine's record.

        Commands, and the engine itself, wait for a busy machine: what needed no SIGKILL was in time.
        """
        state = next(c["State"] for c in self.all() if service_of(c) == service)
        seconds = (datetime.fromisoformat(state["FinishedAt"]) - begun).total_seconds()
        return seconds if state["ExitCode"] == _KILLED else min(seconds, STOPS_WITHIN)

    def outdated(self, services: Collection[str]) -> list[str]:
        """Those of `services` that run an image which has been built anew since."""
        running = [c for c in self.all() if service_of(c) in services and c["State"]["Running"]]
        images = self._inspect(*sorted({container["Config"]["Image"] for container in running}))
        current = {tag: image["Id"] for image in images for tag in image["RepoTags"]}
        return [service_of(c) for c in running if current.get(c["Config"]["Image"], c["Image"]) != c["Image"]]

    def _inspect(self, *names: str) -> list[Container]:
        found: list[Container] = json.loads(self._docker.run("docker", "inspect", *names)) if names else []
        return found


def identities(containers: Sequence[Container]) -> dict[str, str]:
    """Service to container and the moment it was started."""
    return {service_of(c): f"{c['Id']} {c['State']['StartedAt']}" for c in containers}


def bytes_of(text: str) -> int:
    """The number that the engine writes as `25.52MiB`."""
    found = _AMOUNT.fullmatch(text)
    return round(float(found[1]) * _UNITS[found[2]]) if found else 0


def service_of(container: Container) -> str:
    """The service that `container` runs."""
    name: str = container["Config"]["Labels"]["com.docker.compose.service"]
    return name


def status_of(container: Container) -> Status:
    """The state of one container in the lab's words."""
    now, name, restarts = container["State"], service_of(container), int(container["RestartCount"])
    if now["Status"] == "created":
        return Status(name, State.STARTING, "created", restarts)
    if now["Status"] != "running":
        state = State.FAILED if now["Restarting"] else State.DOWN
        return Status(name, state, f"exit status {now['ExitCode']}", restarts)
    health = (now.get("Health") or {}).get("Status", "")
    return Status(name, _HEALTH[health], health, restarts, _seconds_since(now["StartedAt"]))


def _seconds_since(moment: str) -> float:
    """Docker gives nanoseconds; datetime knows microseconds."""
    begun = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", moment).replace("Z", "+00:00"))
    return (datetime.now(UTC) - begun).total_seconds()
