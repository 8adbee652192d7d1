"""Servers on one core, load on another: processes started, watched for their cost, and ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from bench import containers
from bench.errors import MissingProgram, UnfairRow
from bench.model import Peer, Place

SERVER_CORE, LOAD_CORE = (0, 1) if (os.cpu_count() or 1) > 1 else (0, 0)
PATIENCE = 15.0


def require(program: str, package: str) -> str:
    """The path of `program`. Raises MissingProgram."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise MissingProgram(program, package)
    return found


def run_load(argv: list[str], seconds: float) -> str:
    """What a load tool prints, run on the load core. Raises UnfairRow when it fails or hangs."""
    try:
        done = subprocess.run(
            ["taskset", "-c", str(LOAD_CORE), *argv],
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnfairRow(f"{argv[0]} did not end within {error.timeout:.0f} s") from error
    if done.returncode != 0:
        raise UnfairRow(f"{argv[0]}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout


def free_port() -> int:
    """A port that was free a moment ago, for TCP and UDP alike."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A running peer."""

    def __init__(self, peer: Peer, place: Place, process: subprocess.Popen[bytes], served_by: int) -> None:
        self.peer, self.place = peer, place
        self._process = process
        try:
            self._tree = psutil.Process(served_by)
        except psutil.NoSuchProcess as error:
            raise UnfairRow("ended as soon as it listened") from error

    @property
    def pid(self) -> int:
        """The process that serves, or the first of those."""
        return self._tree.pid

    def cost(self) -> tuple[float, float]:
        """CPU seconds used so far and resident MiB, of the process and its children."""
        seconds = memory = 0.0
        for process in [self._tree, *self._tree.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # a child that has ended is in its parent's times
                times = process.cpu_times()
                seconds += times.user + times.system + times.children_user + times.children_system
                memory += process.memory_info().rss / 2**20
        return seconds, memory

    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None


@contextmanager
def started(peer: Peer, kind: str, certs: Path, project: Path, core: int = SERVER_CORE) -> Iterator[Server]:
    """`peer` listening on a free port, pinned to `core`; ended afterwards."""
    on_host = bool(peer.prepared) or not containers.in_containers()
    program = require(peer.program, peer.package) if on_host else peer.program
    with tempfile.TemporaryDirectory(prefix="wireyard-bench-") as directory:
        place = Place(free_port(), directory, f"{kind}.wireyard.test")
        words = _words(place, kind, certs, project)
        for name, text in peer.files:
            (Path(directory) / name).write_text(_fill(text, words), encoding="utf-8")
        Path(directory).chmod(0o777 if containers.in_containers() else 0o755)
        if peer.prepared:
            _prepare([_fill(word, words) for word in peer.prepared], directory)
        argv = [_fill(word, words) for word in peer.argv]
        argv[0] = program if argv[0] == peer.program else argv[0]
        environ = {name: _fill(value, words) for name, value in peer.environ}
        with (Path(directory) / "log").open("w+b") as log:
            container = None
            if containers.in_containers():
                containers.require(containers.image(argv))
                argv, container = containers.command(argv, environ, place, (project, certs), core)
            process = _spawn(argv, os.environ | environ, project, log, core)
            try:
                _await_listening(process, place, kind, log)
                served_by = containers.process_of(container) if container else process.pid
                yield Server(peer, place, process, served_by)
            finally:
                _end(process)
                if container:
                    containers.end(container)


def _prepare(argv: list[str], directory: str) -> None:
    done = subprocess.run(argv, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnfairRow(f"{argv[0]}: {(done.stderr or done.stdout).strip()[-200:]}")


def _spawn(
    argv: list[str], environ: dict[str, str], project: Path, log: IO[bytes], core: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["taskset", "-c", str(core), *argv],
        env=environ,
        cwd=project,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _words(place: Place, kind: str, certs: Path, project: Path) -> dict[str, str]:
    return {
        "port": str(place.port),
        "dir": place.directory,
        "certs": str(certs),
        "kind": kind,
        "authority": place.authority,
        "project": str(project),
        "bench": str(project / "bench"),
    }


def _fill(text: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _await_listening(process: subprocess.Popen[bytes], place: Place, kind: str, log: IO[bytes]) -> None:
    datagrams = kind in {"udp-echo", "dns"}
    pause, end = threading.Event(), time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if _bound(place.port, datagrams):
            return
        pause.wait(0.02)
    log.seek(0)
    said = log.read().decode("utf-8", "replace").strip()[-300:]
    raise UnfairRow(f"never listened: {said}")


def _bound(port: int, datagrams: bool) -> bool:
    """Whether somebody holds the port, read from the kernel's table: no connection is spent on asking."""
    wanted = f":{port:04X}"
    for table in ("udp", "udp6") if datagrams else ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if local.endswith(wanted) and (datagrams or state == "0A"):
                return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the whole process group to stop, then insists."""
    for number in (15, 9):
        try:
            os.killpg(process.pid, number)
            process.wait(PATIENCE / 3)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return
