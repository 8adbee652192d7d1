"""`make swap` as a person types it, on a yard of its own: what it replaces, what it refuses, what it leaves.

Embedded, the yard is of two echo services. On containers it is the whole one, beside any other, and needs an
engine, the yard's images (`make images`), and WIREYARD_CONTAINERS to be set.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lab.patience import SECOND
from lab.tests.site import ECHOES, Site, site_on

# Images are built, and a yard of containers takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300 * SECOND)


@pytest.fixture(scope="module", params=["embedded", "compose"])
def yard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The yard, up, on either backend."""
    made = site_on(request.param, tmp_path_factory.mktemp("project"), 41)
    if request.param == "embedded":
        (made.folder / "compose.yaml").write_text(ECHOES)
    up = made.lab("up")
    try:
        assert up.returncode == 0, up.stderr
        made.swap("udp-echo=socat")  # its image is made
        yield made
    finally:
        made.lab("down")


@pytest.fixture
def site(yard: Site) -> Site:
    """The yard with our own implementations in place."""
    for role in ("tcp-echo", "udp-echo"):
        assert yard.swap(f"{role}=reference").returncode == 0
    assert yard.remembered() == ""
    return yard


def test_the_template_serves_more_clients_than_a_container_may_have_threads(site: Site) -> None:
    mine, where = str(site.folder / "docs" / "template"), ("127.0.0.1", site.port("WIREYARD_TCP_ECHO_PORT"))
    assert site.swap(f"tcp-echo={mine}/mine.yaml", MINE=mine).returncode == 0
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(where, 5 * SECOND)) for _ in range(200)]
        for client in clients:
            client.sendall(b"over")
        assert [client.recv(4) for client in clients] == [b"over"] * 200
    assert site.swap("tcp-echo=reference", MINE=mine).returncode == 0


def test_a_swap_takes_five_seconds_at_most_and_disturbs_no_connection(site: Site) -> None:
    with socket.create_connection(
        ("127.0.0.1", site.port("WIREYARD_TCP_ECHO_PORT")), timeout=5 * SECOND
    ) as held:
        held.sendall(b"before")
        assert held.recv(6) == b"before"
        done = site.swap("udp-echo=socat")
        assert done.returncode == 0, done.stderr
        held.sendall(b"behind")
        assert held.recv(6) == b"behind"
    took = re.search(r"took over in ([\d.]+) s", done.stderr)
    assert took is not None
    assert float(took[1]) <= 5 * SECOND
    assert "udp-echo.socat.yaml" in site.remembered()


UNREADY = 'command: [python3, -c, "import signal; signal.pause()"]\n    healthcheck: {disable: true}'
DEAD = "command: [sh, -c, 'echo no such luck; exit 3']\n    healthcheck: {disable: true}"
OTHER_PORT = "labels: {wireyard.ports.main: 8/tcp}"


@pytest.mark.parametrize(
    ("body", "service", "complaint"),
    [
        pytest.param(UNREADY, "tcp-echo", "tcp-echo is not ready", id="never ready"),
        pytest.param(DEAD, "tcp-echo", "tcp-echo does not start .*: no such luck", id="ends at once"),
        pytest.param(OTHER_PORT, "tcp-echo", r"8/tcp is not the contract's 7/tcp", id="wrong port"),
        pytest.param("labels: [", "tcp-echo", r"mine.yaml: not YAML: line \d+: ", id="no YAML"),
        pytest.param(
            "image: x", "ftp-echo", "to fill tcp-echo, but speaks of ftp-echo", id="unknown service"
        ),
    ],
)
def test_a_wrong_file_gives_one_line_and_the_previous_implementation_is_back(
    body: str, service: str, complaint: str, site: Site
) -> None:
    refused = site.swap(site.override(f"    {body}", service), WIREYARD_PATIENCE=str(SECOND / 5))
    assert refused.returncode == 1
    errors = [line for line in refused.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert re.search(complaint, errors[0])
    assert "Traceback" not in refused.stderr
    assert site.remembered() == ""


def test_what_is_not_there_is_named(site: Site) -> None:
    """No such image; without containers, no such program."""
    if site.environ["BACKEND"] == "compose":
        refused = site.swap("tcp-echo=mine", IMAGE="wireyard/nobody:1")
        assert "there is no image wireyard/nobody:1" in refused.stderr
    else:
        body = "    command: [sockettool]\n    labels: {wireyard.requires.sockettool: socket-tools}"
        refused = site.swap(site.override(body))
        assert "apt install socket-tools" in refused.stderr
    assert refused.returncode == 1
    assert "reference is back in place" in refused.stderr
    assert site.remembered() == ""
