"""The compose backend: the yard as containers, driven through the `docker compose` command."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
import sys
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from lab import compose_file
from lab.backends import STOPS_WITHIN, State, Status, host, ports
from lab.backends.containers import Containers, identities, service_of, status_of
from lab.backends.docker import Docker
from lab.backends.images import Images
from lab.backends.processes import listening, staying
from lab.backends.tcpdump import tcpdump
from lab.capture import marks
from lab.errors import EngineError
from lab.patience import SECOND, scale
from lab.state import StateDirectory
from lab.topology import PROJECT, Topology

# Seconds that a service without a published port has to pass its health check, and a container after SIGTERM.
HEALTHY_WITHIN = round(30 * SECOND)
STOP_WAIT = 6
CLIENT = "client"
# Control sequences of terminals (ECMA-48 5.4), which `docker compose logs` writes into files as well.
_PAINT = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# Where the merged files are put inside the client, so that the suite sees the swaps that are in place.
SHOWN = "/tmp/shown"  # noqa: S108 - the console's own tmpfs, WIREYARD_RESULTS in compose.yaml
SEEN_BY_CLIENT = "/tmp/yard.json"  # noqa: S108 - the container's own tmpfs
# The status of what SIGKILL has ended.
_KILLED = 128 + 9


class Compose:
    """The yard of `topology` in containers; `state` keeps what is copied out of them."""

    name = "compose"

    def __init__(self, topology: Topology, state: StateDirectory, environ: Mapping[str, str]) -> None:
        self.topology = topology
        # Images that are made from the sources of now: a matrix places most of them many times.
        self._prepared: set[str] = set()
        self._state = state
        self._environ = environ
        # The files of this very topology, whatever `.env` remembers.
        files = {"COMPOSE_FILE": ":".join(map(str, topology.files))}
        self._docker = Docker({**environ, **files}, topology.name)
        self._containers = Containers(self._docker)
        self._images = Images(self._docker)

    def on(self, topology: Topology) -> Compose:
        """The same place with another topology."""
        other = Compose(topology, self._state, self._environ)
        other._prepared = self._prepared
        return other

    def is_up(self) -> bool:
        """Whether any container of the project runs."""
        return bool(self._docker.compose("--profile", "*", "ps", "--quiet").strip())

    def up(self) -> Sequence[str]:
        """Builds, creates and starts what is not as described. Readiness is judged from outside."""
        found = self._containers.all()
        before = identities(found)
        running = {service_of(c) for c in found if status_of(c).state is not State.DOWN}
        ports.require_free(
            s for s in listening(self.topology) if s.name not in running and _published(s.labels)
        )
        self._images.build(*self._builders(self._tree()["services"]))
        self._docker.compose("--profile", CLIENT, "up", "--detach", "--remove-orphans")
        self._copy_ca()
        now = identities(self._containers.all())
        return sorted(name for name, identity in now.items() if before.get(name) != identity)

    def down(self) -> None:
        """Removes containers, networks and volumes, and what was copied out of them."""
        how = ("--volumes", "--remove-orphans", "--timeout", str(STOP_WAIT))
        self._docker.compose("--profile", "*", "down", *how)
        self._state.clear()

    def status(self) -> Mapping[str, Status]:
        """Every service that stays, as the engine sees it."""
        found = {service_of(container): status_of(container) for container in self._containers.all()}
        names = [service.name for service in staying(self.topology)]
        return {name: found.get(name, Status(name, State.DOWN)) for name in names}

    def memory(self) -> Mapping[str, int]:
        """What the engine counts for each container, without its file cache."""
        return self._containers.memory()

    def await_healthy(self, services: Sequence[str]) -> None:
        """Nobody outside can ask a service that publishes no port: its health check has to do."""
        wait = ("--detach", "--wait", "--wait-timeout", str(HEALTHY_WITHIN))
        self._docker.compose("up", "--no-deps", *wait, *services)

    def prepare(self, services: Sequence[str]) -> None:
        """Builds the images of `services`, or makes sure that they are here."""
        wanted = {self.topology.services[name].image for name in services} - self._prepared
        # Whichever service it is that builds the image: that of Hypercorn is the references' own.
        built = self._builders(n for n, told in self._tree()["services"].items() if told["image"] in wanted)
        if built:
            self._images.build(*built)
        made = {self.topology.services[name].image for name in built}
        for name in services:
            if self.topology.services[name].image in wanted - made:
                self._images.require(name, self.topology.services[name].image)
        self._prepared |= wanted

    def replace(self, service: str) -> None:
        """Makes one container what the topology says now, and touches no other."""
        self.prepare([service])
        self.place(service)

    def place(self, service: str) -> None:
        """The same, from an image that is here."""
        companions = [
            s.name for s in self.topology.services.values() if s.labels.get("wireyard.companion") == service
        ]
        self._docker.compose("up", "--detach", "--no-deps", "--remove-orphans", service, *companions)

    def restart(self, services: Sequence[str]) -> None:
        """Stops and starts `services`."""
        self._docker.compose("restart", "--no-deps", "--timeout", str(STOP_WAIT), *services)

    def stop(self, service: str) -> float:
        """Sends SIGTERM, and SIGKILL in the end; the seconds until the container had exited."""
        begun = datetime.now(UTC)
        self._docker.compose("stop", "--timeout", f"{STOPS_WITHIN:.0f}", service)
        return self._containers.stopped(service, begun)

    def start(self, service: str) -> None:
        """Starts one container, and nothing that it depends on: that is there."""
        stopped = self._docker.compose("ps", "--all", "--quiet", service).decode().split()
        self._docker.run("docker", "start", *stopped)

    def logs(self, services: Sequence[str], *, follow: bool, lines: int) -> int:
        """Shows the newest lines with `docker compose logs`."""
        how = ["--follow"] if follow else []
        return self._docker.attached("--profile", "*", "logs", "--tail", str(lines), *how, *services)

    def excerpt(self, service: str, lines: int) -> str:
        """The newest lines of one container's log, without what Compose paints on terminals."""
        text = self._docker.compose("logs", "--no-color", "--no-log-prefix", "--tail", str(lines), service)
        return _PAINT.sub("", text.decode("utf-8", "backslashreplace"))

    def test(self, arguments: Sequence[str], log: IO[bytes] | None = None, *, renew: bool = True) -> int:
        """Runs the suite inside the client, and brings its results and the services' logs home."""
        if renew:
            self._refresh_client()
            self._warn_of_old_services()
        merged = json.dumps(self._tree()).replace("$", "$$").encode()
        self._docker.compose("exec", "-T", CLIENT, "sh", "-c", f"cat >{SEEN_BY_CLIENT}", stdin=merged)
        begun = datetime.now(UTC).isoformat()
        told = {
            "COMPOSE_FILE": SEEN_BY_CLIENT,
            "WIREYARD_BACKEND": self.name,
            "WIREYARD_PATIENCE": str(scale(self._environ)),
        }
        settings = [word for name, value in told.items() for word in ("--env", f"{name}={value}")]
        shutil.rmtree(self._state.failures, ignore_errors=True)
        places = {"junit-xml": "junit.xml", "outcomes": self._state.outcomes.name}
        places["evidence"] = self._state.failures.name
        reports = [f"--{option}=/results/{name}" for option, name in places.items()]
        words = [CLIENT, "python3", "-m", "pytest", *reports, *arguments]
        terminal = _terminal() if log is None else ("-T",)
        with contextlib.ExitStack() as unless_ended:
            # What runs inside does not end with us.
            unless_ended.callback(self._docker.compose, "restart", "--timeout", "0", CLIENT)
            status = self._docker.attached("exec", *terminal, *settings, *words, log=log)
            unless_ended.pop_all()
        self._copy_results()
        if status and log is None:  # who keeps the suite's own words looks at each log himself
            self._copy_logs(begun)
        return status

    def test_documents(self, arguments: Sequence[str]) -> int:
        """Runs the documents' examples on the host, where their readers are."""
        environ = host.client(self._environ, self._state, self.name)
        return host.suite([*arguments, "tests/docs"], self._state, environ, report="documents.xml")

    def kill(self, service: str) -> None:
        """From inside, where init ends with its child: what `docker kill` ended would stay down.

        The shell that kills may go with the container before it can say that it is done.
        """
        self._docker.compose("exec", "-T", service, "sh", "-c", "kill -9 -1", ends=(0, _KILLED))

    def run(self, words: Sequence[str]) -> str:
        """Runs one command inside the client container."""
        line = shlex.join(words)
        said = self._docker.compose("exec", "-T", CLIENT, "sh", "-c", f"{line} 2>&1 || true")
        return said.decode("utf-8", "replace")

    def ask(self, service: str, words: Sequence[str]) -> str:
        """Runs one command inside the container of `service`."""
        said = self._docker.compose("exec", "-T", service, "sh", "-c", f"{shlex.join(words)} 2>&1 || true")
        return said.decode("utf-8", "replace")

    def image(self, service: str) -> str:
        """The digest of the image that the container was made from."""
        return next((str(c["Image"]) for c in self._containers.all() if service_of(c) == service), "")

    def capture(self, service: str) -> Sequence[str]:
        """A sidecar in the service's own network namespace, the only one with the right to capture."""
        return self._tcpdump(service, self.topology.services[service].own_ports())

    def capture_suite(self) -> Sequence[str]:
        """The same beside the client that is to run the suite: all that the suite does passes there."""
        self._refresh_client()
        wanted = {port for service in listening(self.topology) for port in service.own_ports()}
        return self._tcpdump(CLIENT, sorted({*wanted, marks.PORT}))

    def _tcpdump(self, beside: str, numbers: Sequence[int]) -> Sequence[str]:
        at = ("env", f"WIREYARD_CAPTURE={beside}", "docker", "compose", "--progress", "quiet")
        sidecar = ("--profile", CLIENT, "--profile", "capture", "run", "--rm", "--no-deps", "-T", "capture")
        return (*at, *sidecar, *tcpdump("any", numbers))

    def show(self, files: Mapping[str, bytes]) -> None:
        """In a temporary folder of the console's container."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        unpack = f"mkdir -p {SHOWN} && tar -C {SHOWN} -x"
        with contextlib.suppress(EngineError):  # it may be down, and then shows nothing anyway
            self._docker.compose("exec", "-T", "console", "sh", "-c", unpack, stdin=packed.getvalue())

    def shell(self) -> int:
        """A shell inside the client container."""
        return self._docker.attached("exec", *_terminal(), CLIENT, "bash")

    def _builders(self, services: Iterable[str]) -> list[str]:
        """One of `services` for each image that is built: two builds at once of one image are two images."""
        described = self._tree()["services"]
        return list({described[n]["image"]: n for n in services if "build" in described[n]}.values())

    def _tree(self) -> compose_file.Tree:
        return compose_file.load(self.topology.files, compose_file.environment(PROJECT, self._environ))

    def _warn_of_old_services(self) -> None:
        """A suite that is newer than the services it judges confuses more than a line on the terminal."""
        old = self._containers.outdated({service.name for service in staying(self.topology)})
        if old:
            names = ", ".join(sorted(old))
            sys.stderr.write(f"note: {names}: older than the sources; `make up` renews them\n")

    def _refresh_client(self) -> None:
        """The suite is part of the client's image: a test that changed makes a new one."""
        self._images.build(*self._builders(self._tree()["services"]))
        self._docker.compose("--profile", CLIENT, "up", "--detach", "--no-deps", "--wait", CLIENT)

    def _copy_ca(self) -> None:
        """Clients on the host trust the CA that the containers made."""
        pem = self._docker.compose("exec", "-T", CLIENT, "cat", "/ca/ca.pem")
        self._state.ca.parent.mkdir(parents=True, exist_ok=True)
        self._state.ca.write_bytes(pem)

    def _copy_results(self) -> None:
        packed = self._docker.compose("exec", "-T", CLIENT, "tar", "-C", "/results", "-c", ".")
        self._state.results.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(self._state.results, filter="data")

    def _copy_logs(self, since: str) -> None:
        folder = self._state.results / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        for service in staying(self.topology):
            with contextlib.suppress(EngineError):
                text = self._docker.compose("logs", "--no-log-prefix", "--since", since, service.name)
                (folder / f"{service.name}.log").write_bytes(text)
        for file in self._state.failures.glob("*/test.json"):
            self._copy_failure(file)

    def _copy_failure(self, file: Path) -> None:
        """What the services said while one failed test ran, beside what else it left."""
        test = json.loads(file.read_text(encoding="utf-8"))
        for service in test["services"]:
            span = ("--since", test["began"], "--until", test["ended"])
            with contextlib.suppress(EngineError):
                text = self._docker.compose("logs", "--no-log-prefix", *span, service)
                if text:
                    (file.parent / f"{service}.log").write_bytes(text)


def _published(labels: Mapping[str, str]) -> bool:
    """A service with an address of the embedded backend's own has no published port."""
    return "wireyard.embedded" not in labels


def _terminal() -> tuple[str, ...]:
    return () if sys.stdin.isatty() and sys.stdout.isatty() else ("-T",)
