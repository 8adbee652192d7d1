"""Where a yard runs: as containers (`compose`) or as plain processes on loopback (`embedded`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Protocol, Self

from lab.topology import Topology

STOPS_WITHIN = 5.0
"""Seconds that every implementation has to end after SIGTERM (services/README.md)."""


class State(StrEnum):
    """What a service does now."""

    RUNNING = "running"
    STARTING = "starting"
    FAILED = "failed"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Status:
    """One service now. `restarts` counts those that nobody asked for; `memory` is bytes, `uptime` seconds."""

    service: str
    state: State
    detail: str = ""
    restarts: int = 0
    uptime: float | None = None
    memory: int | None = None


class Backend(Protocol):
    """What the runner asks of a place where yards run. Every method raises LabError in one clear line."""

    name: str
    topology: Topology

    def on(self, topology: Topology) -> Self:
        """The same place with another topology."""

    def is_up(self) -> bool:
        """Whether anything of this yard runs here."""

    def up(self) -> Sequence[str]:
        """Starts what does not run, replaces what no longer is as described; the services that it touched."""

    def down(self) -> None:
        """Stops everything and leaves nothing behind."""

    def status(self) -> Mapping[str, Status]:
        """Every service, by name."""

    def memory(self) -> Mapping[str, int]:
        """Bytes that each running service takes, by name, as far as `status` does not tell."""

    def await_healthy(self, services: Sequence[str]) -> None:
        """Waits for `services` that nobody outside can ask. Raises NotReadyError."""

    def prepare(self, services: Sequence[str]) -> None:
        """Makes ready what `services` need to be placed: images, programs."""

    def place(self, service: str) -> None:
        """Makes `service`, which is prepared, what the topology says, and touches no other. Thread-safe."""

    def replace(self, service: str) -> None:
        """Prepares and places one service."""

    def restart(self, services: Sequence[str]) -> None:
        """Stops and starts `services`."""

    def stop(self, service: str) -> float:
        """Sends SIGTERM; the seconds that `service` took to exit (killed after six)."""

    def start(self, service: str) -> None:
        """Starts what was stopped; returns before it is ready."""

    def logs(self, services: Sequence[str], *, follow: bool, lines: int) -> int:
        """Prints the newest lines; the exit status of what printed them."""

    def excerpt(self, service: str, lines: int) -> str:
        """The newest lines of one service's log."""

    def test(self, arguments: Sequence[str], log: IO[bytes] | None = None, *, renew: bool = True) -> int:
        """Runs pytest where the suite sees the yard; its exit status. `log` takes the output.

        Without `renew` the suite is taken as it is there: it has just been run.
        """

    def kill(self, service: str) -> None:
        """Ends the service's process with SIGKILL, as a crash would; its supervisor starts it again."""

    def run(self, words: Sequence[str]) -> str:
        """Runs one command where the clients are; all that it printed, whatever its exit status."""

    def ask(self, service: str, words: Sequence[str], /) -> str:
        """Runs one command where `service` runs; all that it printed, whatever its exit status."""

    def image(self, service: str, /) -> str:
        """The digest of the image that `service` runs from; empty where there are no images."""

    def capture(self, service: str) -> Sequence[str]:
        """The command that writes a service's packets to its output, as a pcap file, until its input ends."""

    def capture_suite(self) -> Sequence[str]:
        """The same for all that clients send and are sent, and the marks that the suite puts between it."""

    def show(self, files: Mapping[str, bytes]) -> None:
        """Puts files, by name, where the console reads them, if it runs."""

    def shell(self) -> int:
        """A shell where the clients are; its exit status."""
