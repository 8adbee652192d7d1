"""What the commands do, apart from how they are spelled: a yard on a backend, up, judged, down."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lab import compose_file, ready, shown
from lab import topology as topologies
from lab.backends import Backend, State, Status
from lab.backends.processes import listening, staying
from lab.choose import choose
from lab.errors import LabError
from lab.patience import SECOND
from lab.state import StateDirectory
from lab.topology import PROJECT, Service, Topology

# Seconds from the start of a service until it must answer.
READY_WITHIN = 20 * SECOND


@dataclass(frozen=True, slots=True)
class Runner:
    """One yard on one backend. `say` shows progress to the person who waits."""

    topology: Topology
    backend: Backend
    state: StateDirectory
    say: Callable[[str], None]

    @classmethod
    def open(cls, wanted: str, say: Callable[[str], None], environ: Mapping[str, str] = os.environ) -> Runner:
        """The yard that the files and `environ` describe, on the backend `wanted`. Raises LabError."""
        topology = topologies.load(environ=environ)
        state = StateDirectory.of(compose_file.environment(PROJECT, environ))
        choice = choose(wanted, topology, state, environ)
        say(f"backend: {choice.backend.name} ({choice.reason})")
        return cls(topology, choice.backend, state, say)

    def on(self, topology: Topology) -> Runner:
        """The same yard with another topology."""
        return replace(self, topology=topology, backend=self.backend.on(topology))

    def up(self) -> None:
        """Starts what does not run and waits until every service answers. Raises LabError."""
        touched = self.backend.up()
        self.say(f"started: {', '.join(touched)}" if touched else "everything runs already")
        self._show()
        self.wait(listening(self.topology))

    def show(self) -> None:
        """Hands the console, if there is one, what it shows of swaps, suite and matrix."""
        if self.backend.is_up():
            self._show()

    def _show(self) -> None:
        self.backend.show(shown.files(self.topology, self.state, self.backend.name))

    def wait(self, services: Iterable[Service]) -> None:
        """Returns when each of `services` answers in its protocol. Raises NotReadyError."""
        asked = list(services)
        reachable = [s for s in asked if self._reachable(s)]
        for done in ready.gate(reachable, self.state.ca, within=READY_WITHIN, gave_up=self._gave_up):
            self.say(f"ready: {done.service} ({done.seconds:.1f} s)")
        private = [s.name for s in asked if not self._reachable(s)]
        if private:
            self.backend.await_healthy(private)

    def restart(self, roles: Sequence[str]) -> None:
        """Stops and starts the services of `roles` (all when empty), and waits for them."""
        chosen = self.services(roles)
        self.require_up()
        self.backend.restart([service.name for service in chosen])
        self.wait(chosen)

    def kill(self, role: str) -> str:
        """SIGKILL, then the time until the role answers again, in words."""
        service = self.topology.service(role)
        begun = time.monotonic()
        self.backend.kill(service.name)
        self.wait([service])
        took, restarts = time.monotonic() - begun, self.status()[service.name].restarts
        return f"{role} was killed, and was back after {took:.1f} s (restarts: {restarts})"

    def services(self, roles: Sequence[str]) -> list[Service]:
        """The services of `roles`, or all. Raises LabError for what is no role."""
        there = {service.role: service for service in staying(self.topology)}
        unknown = [role for role in roles if role not in there]
        if unknown:
            raise LabError(f"{unknown[0]!r} is no role; there are {', '.join(there)}")
        return [there[role] for role in roles] or list(there.values())

    def require_up(self) -> None:
        """Raises LabError when there is no yard to work on."""
        if not self.backend.is_up():
            raise LabError(f"no yard is up on the {self.backend.name} backend; `make up` starts one")

    def status(self, *, measured: bool = False) -> Mapping[str, Status]:
        """Every service now; `measured` with its memory, for which an engine needs seconds."""
        status = self.backend.status()
        if not measured:
            return status
        memory = self.backend.memory()
        return {name: replace(now, memory=memory.get(name, now.memory)) for name, now in status.items()}

    def _reachable(self, service: Service) -> bool:
        """Containers without a published port are known by their health check alone."""
        return self.backend.name == "embedded" or "wireyard.embedded" not in service.labels

    def _gave_up(self, service: str) -> str | None:
        now = self.backend.status()[service]
        if now.state is not State.FAILED:
            return None
        last = self.backend.excerpt(service, 1).strip()
        return f"does not start ({now.detail}): {last or 'it said nothing'}"
