"""The embedded backend: the yard as supervised processes on loopback, with no Docker engine."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from lab.backends import State, Status, certificates, host, orphans, pids, ports
from lab.backends.processes import Process, listening, processes, search_path, staying
from lab.backends.states import status_of
from lab.backends.supervisor import Supervisor, configuration
from lab.backends.tcpdump import tcpdump
from lab.capture import marks
from lab.errors import LabError, MissingToolError
from lab.state import StateDirectory
from lab.topology import PROJECT, Service, Topology

# supervisor.xmlrpc.Faults: ABNORMAL_TERMINATION and SPAWN_ERROR (it ended at once), ALREADY_STARTED (again):
# whether it starts in the end is for the readiness gate to find.
_UNDECIDED = frozenset({40, 50, 60})


class Embedded:
    """The yard of `topology` below `state`; `environ` is what its processes inherit."""

    name = "embedded"

    def __init__(self, topology: Topology, state: StateDirectory, environ: Mapping[str, str]) -> None:
        self.topology = topology
        self._state = state
        self._environ = environ
        self._supervisor = Supervisor(state)
        self._configuring = threading.Lock()

    def on(self, topology: Topology) -> Embedded:
        """The same place with another topology."""
        return Embedded(topology, self._state, self._environ)

    def is_up(self) -> bool:
        """Whether the supervisor answers."""
        return self._supervisor.answers()

    def up(self) -> Sequence[str]:
        """Starts what does not run and replaces what changed. Raises LabError."""
        if not self.is_up():
            pids.end(orphans.find(self._state.root))
        running = self._running()
        wanted = processes(self.topology, self._state, self._environ)
        self._require_programs(wanted)
        ports.require_free(s for s in listening(self.topology) if s.name not in running)
        with certificates.making(self._state.certs) as services_ready:
            self._write(wanted)
            if not self.is_up():
                self._supervisor.launch()
            touched = self._adopt()
            services_ready()
            return sorted({*touched, *self._start_all()})

    def down(self) -> None:
        """Stops every process and removes the state folder's contents, results excepted."""
        if self.is_up():
            self._supervisor.shut_down()
        pids.end(orphans.find(self._state.root))
        self._state.clear()

    def status(self) -> Mapping[str, Status]:
        """Every service as the supervisor sees it; all down when there is no supervisor."""
        if not self.is_up():
            return {s.name: Status(s.name, State.DOWN) for s in staying(self.topology)}
        restarts = self._supervisor.call("wireyard.restarts")
        failures = self._supervisor.call("wireyard.failures")
        described = self._supervisor.call("supervisor.getAllProcessInfo")
        return {
            info["name"]: status_of(info, restarts.get(info["name"], 0), failures[info["name"]])
            for info in described
        }

    def memory(self) -> Mapping[str, int]:
        """Nothing more: `status` has read it."""
        return {}

    def await_healthy(self, services: Sequence[str]) -> None:
        """Every process can be asked from outside, and was."""

    def prepare(self, services: Sequence[str]) -> None:
        """Raises MissingToolError for a program that is not installed."""
        wanted = processes(self.topology, self._state, self._environ)
        self._require_programs({name: wanted[name] for name in services})

    def replace(self, service: str) -> None:
        """Makes one process what the topology says now."""
        self.prepare([service])
        self.place(service)

    def place(self, service: str) -> None:
        """The same, its program being there; it is stopped before its ports are checked."""
        with self._configuring:
            self._write(processes(self.topology, self._state, self._environ))
            changed = self._adopt(only=service)
        if changed or service not in self._running():
            ports.require_free([self.topology.services[service]])
            self.start(service)

    def restart(self, services: Sequence[str]) -> None:
        """Stops and starts `services`."""
        for service in services:
            self.stop(service)
            self.start(service)

    def stop(self, service: str) -> float:
        """Sends SIGTERM and waits; the seconds until the process was gone."""
        begun = time.monotonic()
        self._supervisor.stop(service)
        return time.monotonic() - begun

    def start(self, service: str) -> None:
        """Starts one process, unless the supervisor is about to do so itself."""
        try:
            self._supervisor.call("supervisor.startProcess", service, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode not in _UNDECIDED:
                raise LabError(f"{service} cannot be started: {fault.faultString}") from fault

    def logs(self, services: Sequence[str], *, follow: bool, lines: int) -> int:
        """Shows the newest lines with `tail`."""
        files = [str(self._log(name)) for name in services if self._log(name).exists()]
        if not files:
            raise LabError(f"there is no log in {self._state.logs}; is the yard up?")
        command = ["tail", "-n", str(lines), *(["-F"] if follow else []), *files]
        return subprocess.run(command, check=False).returncode

    def excerpt(self, service: str, lines: int) -> str:
        """The newest lines of one log."""
        file = self._log(service)
        text = file.read_text(encoding="utf-8", errors="backslashreplace") if file.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def test(self, arguments: Sequence[str], log: IO[bytes] | None = None, *, renew: bool = True) -> int:  # noqa: ARG002
        """Runs the suite beside the yard, always as it stands there."""
        words = [f"--outcomes={self._state.outcomes}", f"--evidence={self._state.failures}", *arguments]
        files = {"COMPOSE_FILE": ":".join(map(str, self.topology.files))}
        return host.suite(words, self._state, {**self._client(), **files}, log=log)

    def kill(self, service: str) -> None:
        """Ends the process; the supervisor starts it again."""
        described = self._supervisor.call("supervisor.getProcessInfo", service)
        pids.kill(int(described["pid"]))

    def run(self, words: Sequence[str]) -> str:
        """Runs one command beside the yard; `python3` is the lab's own."""
        program = sys.executable if words[0] == "python3" else words[0]
        done = subprocess.run(
            [program, *words[1:]],
            cwd=PROJECT,
            env=self._client(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.stdout.decode("utf-8", "replace")

    def ask(self, _service: str, words: Sequence[str]) -> str:
        """Every service runs beside the yard."""
        return self.run(words)

    def image(self, _service: str) -> str:
        """Plain processes have none."""
        return ""

    def capture(self, service: str) -> Sequence[str]:
        """Loopback, and of it only the service's ports."""
        return self._tcpdump([self.topology.services[service]], ())

    def capture_suite(self) -> Sequence[str]:
        """Loopback, and of it the ports of every service."""
        return self._tcpdump(listening(self.topology), (marks.PORT,))

    def _tcpdump(self, services: Iterable[Service], more: Iterable[int]) -> Sequence[str]:
        if shutil.which("tcpdump", path=search_path(self._environ)) is None:
            raise MissingToolError("capture", "tcpdump", "tcpdump")
        published = {p.host[1] for s in services for n, p in s.ports.items() if p.host and n != "control"}
        return tcpdump("lo", sorted({*published, *more}))

    def show(self, files: Mapping[str, bytes]) -> None:
        """In the state folder; each is whole at any time."""
        self._state.shown.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            fresh = self._state.shown / f".{name}"
            fresh.write_bytes(content)
            fresh.replace(self._state.shown / name)

    def shell(self) -> int:
        """The user's own shell, with the clients and the CA within reach."""
        shell = self._environ.get("SHELL", "/bin/sh")
        return subprocess.run([shell], cwd=PROJECT, env=self._client(), check=False).returncode

    def _client(self) -> dict[str, str]:
        return host.client(self._environ, self._state, self.name)

    def _log(self, service: str) -> Path:
        return self._state.logs / f"{service}.log"

    def _require_programs(self, wanted: Mapping[str, Process]) -> None:
        path = search_path(self._environ)
        for name, process in wanted.items():
            service = self.topology.services[name]
            for program in (process.command[0], *_required(service)):
                if shutil.which(program, path=path) is None:
                    package = _required(service).get(program, program)
                    raise MissingToolError(f"{name}={service.implementation}", program, package)

    def _write(self, wanted: Mapping[str, Process]) -> None:
        self._state.logs.mkdir(parents=True, exist_ok=True)
        text = configuration(wanted.values(), self._state, self._environ)
        self._state.supervisor_config.write_text(text, encoding="utf-8")
        self._state.supervisor_config.chmod(0o600)

    def _adopt(self, only: str | None = None) -> list[str]:
        """Brings the supervisor up to its configuration file; with `only`, for that process alone."""
        [[added, changed, removed]] = self._supervisor.call("supervisor.reloadConfig")
        for name in (n for n in (*changed, *removed) if only in {None, n}):
            self._supervisor.stop(name)
            self._supervisor.call("supervisor.removeProcessGroup", name)
        fresh = [name for name in (*added, *changed) if only in {None, name}]
        for name in fresh:
            self._supervisor.call("supervisor.addProcessGroup", name)
        return fresh

    def _running(self) -> set[str]:
        """Those that the supervisor has started: their ports may be theirs before they answer."""
        started = {State.RUNNING, State.STARTING}
        return {name for name, status in self.status().items() if status.state in started}

    def _start_all(self) -> list[str]:
        idle = [name for name, status in self.status().items() if status.state in {State.DOWN, State.FAILED}]
        for name in idle:
            self.start(name)
        return idle


def _required(service: Service) -> dict[str, str]:
    """Program to Debian package, from the `wireyard.requires.` labels."""
    prefix = "wireyard.requires."
    return {k.removeprefix(prefix): v for k, v in service.labels.items() if k.startswith(prefix)}
