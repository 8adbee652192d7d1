"""The far end of a tunnel: a program of load/wire.c that all peers of a row are led to."""

from __future__ import annotations

import atexit
import json
import socket
import subprocess
from functools import cache

from bench.errors import UnfairRow
from bench.loads import HERE, wire_program
from bench.model import Load, Place, Sample
from bench.processes import LOAD_CORE, free_port, require, run_load

PATIENCE = 5.0


class FarEnd:
    """A listener on a port that is known before it listens; started when first asked for, and once."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.port = free_port()

    @property
    def target(self) -> str:
        """HOST:PORT, as CONNECT names it."""
        return f"127.0.0.1:{self.port}"

    def listening(self) -> str:
        """The target, once something listens there. Raises UnfairRow when nothing does."""
        _start(self._kind, self.port)
        return self.target


def through(far: FarEnd, mode: str, connections: int) -> Load:
    """`down` and `up` in MB/s, or `open` in tunnels per second, through the proxy at hand to `far`."""

    def load(place: Place, seconds: float) -> Sample:
        arguments = [place.address, str(place.port), str(connections), f"{seconds:g}", far.listening()]
        said = json.loads(run_load([wire_program(), mode, *arguments], seconds))
        amount = said["operations"] if mode == "open" else said["bytes"] / 1e6
        return Sample(amount / said["seconds"], said["errors"], said["lost"])

    return load


@cache
def _start(kind: str, port: int) -> None:
    argv = {
        "source": [wire_program(), "source", "127.0.0.1", str(port)],
        "sink": [wire_program(), "sink", "127.0.0.1", str(port)],
        "echo": [_echo_program(), "tcp", "127.0.0.1", str(port)],
    }[kind]
    process = subprocess.Popen(["taskset", "-c", str(LOAD_CORE), *argv], stdout=subprocess.PIPE)
    atexit.register(process.kill)
    for _ in range(int(PATIENCE * 100)):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            if process.poll() is not None:
                break
            # Nothing tells when a port begins to listen; a program's end is told, so that is waited for.
            _ended_within(process, 0.01)
        else:
            return
    raise UnfairRow(f"the far end {kind!r} does not listen on port {port}")


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@cache
def _echo_program() -> str:
    target = f"{wire_program()}-echo"
    source = HERE / "peers" / "epoll_echo.c"
    subprocess.run([require("cc", "gcc"), "-O2", "-o", target, str(source)], check=True)
    return target
