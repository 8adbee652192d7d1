"""The embedded backend on a yard of two echo services: up, down, crashes, and what a person is told."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lab import topology
from lab.backends import State
from lab.backends.embedded import Embedded
from lab.backends.processes import MARK
from lab.backends.supervisor import Supervisor
from lab.errors import MissingToolError, NotReadyError, PortTakenError
from lab.runner import Runner
from lab.state import StateDirectory
from lab.tests.site import free_ports

SERVICE = """
  {name}:
    command: [{command}]
    environment: {{WIREYARD_ROLE: {role}, WIREYARD_ADDRESS: "*"}}
    ports: ["127.0.0.1:{port}:7/{transport}", "127.0.0.1:{control}:9"]
    labels:
      wireyard.role: {role}
      wireyard.authority: {role}.wireyard.test
      wireyard.ports.main: 7/{transport}
      wireyard.ports.control: 9/tcp
      {label}
"""


class Site:
    """A folder where yards of two services are described; each `open` reads the description anew."""

    def __init__(self, folder: Path) -> None:
        self.state = StateDirectory(folder / "state")
        self.said: list[str] = []
        self._file = folder / "compose.yaml"
        self.ports = free_ports(4)

    def open(self, command: str = "python3, -m, services.tcp_echo.reference", label: str = "") -> Runner:
        """A runner of the yard whose TCP echo is `command`."""
        tcp, udp, *controls = self.ports
        text = "services:" + SERVICE.format(
            name="tcp-echo",
            role="tcp-echo",
            command=command,
            port=tcp,
            transport="tcp",
            control=controls[0],
            label=label,
        )
        text += SERVICE.format(
            name="udp-echo",
            role="udp-echo",
            command="python3, -m, services.udp_echo.reference",
            port=udp,
            transport="udp",
            control=controls[1],
            label="",
        )
        self._file.write_text(text)
        yard = topology.load([self._file], environ={})
        return Runner(yard, Embedded(yard, self.state, os.environ), self.state, self.said.append)

    def processes(self) -> list[psutil.Process]:
        """Every process of this yard, its supervisor aside."""
        return [p for p in psutil.process_iter() if _state_of(p) == str(self.state.root)]


def _state_of(process: psutil.Process) -> str | None:
    try:
        found: str | None = process.environ().get(MARK)
    except psutil.Error:
        return None
    return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.open().backend.down()
    assert site.processes() == []


def _details(runner: Runner) -> dict[str, str]:
    return {name: status.detail for name, status in runner.status().items()}


def test_up_starts_everything_and_a_second_up_touches_nothing(site: Site) -> None:
    runner = site.open()
    runner.up()
    assert {status.state for status in runner.status().values()} == {State.RUNNING}
    before = _details(runner)
    again = site.open()
    again.up()
    assert _details(again) == before
    assert "everything runs already" in site.said


def test_down_leaves_nothing_behind(site: Site) -> None:
    runner = site.open()
    runner.up()
    runner.backend.down()
    assert site.processes() == []
    assert not site.state.root.exists()
    assert {status.state for status in runner.status().values()} == {State.DOWN}


def test_a_killed_service_is_back_and_counted_and_the_other_is_undisturbed(site: Site) -> None:
    runner = site.open()
    runner.up()
    before = _details(runner)
    victim = int(before["tcp-echo"].removeprefix("pid "))
    psutil.Process(victim).kill()
    psutil.wait_procs([psutil.Process(victim)] if psutil.pid_exists(victim) else [], timeout=3)
    runner.wait(runner.topology.services.values())
    after = runner.status()
    assert after["tcp-echo"].restarts == 1
    assert after["udp-echo"].restarts == 0
    assert after["udp-echo"].detail == before["udp-echo"]


def test_a_yard_whose_supervisor_was_killed_is_brought_up_again(site: Site) -> None:
    site.open().up()
    pid = int(Supervisor(site.state).call("supervisor.getPID"))
    supervisor = psutil.Process(pid)
    supervisor.kill()
    psutil.wait_procs([supervisor], timeout=3)
    assert site.processes()
    runner = site.open()
    runner.up()
    assert {status.state for status in runner.status().values()} == {State.RUNNING}


@pytest.mark.parametrize(("kind", "index"), [(socket.SOCK_STREAM, 0), (socket.SOCK_DGRAM, 1)])
def test_a_taken_port_is_named_with_its_holder_and_its_variable(
    kind: socket.SocketKind, index: int, site: Site
) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", site.ports[index]))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        with pytest.raises(
            PortTakenError, match=rf"\(process {os.getpid()}\); .* WIREYARD_(TCP|UDP)_ECHO_PORT"
        ):
            site.open().up()


def test_a_service_that_dies_is_told_with_its_last_words(site: Site) -> None:
    runner = site.open(command="sh, -c, 'echo no such luck; exit 3'")
    with pytest.raises(NotReadyError, match=r"tcp-echo does not start .*: no such luck"):
        runner.up()


def test_a_missing_program_is_named_with_its_package(site: Site) -> None:
    runner = site.open(command="sockettool", label="wireyard.requires.sockettool: socket-tools")
    with pytest.raises(MissingToolError, match=r"needs sockettool, .* apt install socket-tools"):
        runner.up()


def test_replacing_one_service_leaves_the_other_alone(site: Site) -> None:
    runner = site.open()
    runner.up()
    before = _details(runner)
    with socket.create_connection(("127.0.0.1", site.ports[3]), timeout=5) as held:
        other = site.open(command="python3, -B, -m, services.tcp_echo.reference")
        other.backend.replace("tcp-echo")
        other.wait(other.topology.services.values())
        held.sendall(b"GET /healthz HTTP/1.1\r\nHost: held\r\n\r\n")
        assert held.recv(12) == b"HTTP/1.1 200"
    after = _details(other)
    assert after["udp-echo"] == before["udp-echo"]
    assert after["tcp-echo"] != before["tcp-echo"]


def test_stopping_takes_as_long_as_the_service_takes(site: Site) -> None:
    runner = site.open()
    runner.up()
    assert runner.backend.stop("tcp-echo") < 5
    assert runner.status()["tcp-echo"].state is State.DOWN


def test_a_socket_path_that_is_too_long_is_put_where_it_fits(tmp_path: Path) -> None:
    deep = StateDirectory(tmp_path / ("d" * 100))
    assert len(os.fsencode(deep.supervisor_socket)) <= 107
    assert deep.supervisor_socket != StateDirectory(tmp_path / ("e" * 100)).supervisor_socket
