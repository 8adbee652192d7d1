"""What Docker says, in its own words, and the one line that a person reads instead."""

from __future__ import annotations

import os

import pytest

from lab.backends.docker import Docker, complaint
from lab.errors import EngineError, NotReadyError


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?",
            "start it, or use BACKEND=embedded",
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            "join the docker group",
        ),
        (
            "failed to create network yard_edge: Error response from daemon: Pool overlaps with other one",
            "set WIREYARD_NET",
        ),
        (
            "Error response from daemon: driver failed programming external connectivity on endpoint "
            "wireyard-http1-1 (9c): Bind for 127.0.0.1:7780 failed: port is already allocated",
            "port 127.0.0.1:7780 is taken",
        ),
        (
            "Error response from daemon: driver failed programming external connectivity on endpoint "
            "wireyard-dns-1 (9c): Error starting userland proxy: listen udp4 127.0.0.1:7753: bind: "
            "address already in use",
            "port 127.0.0.1:7753 is taken",
        ),
        (
            "Error response from daemon: No such image: wireyard/knot:dev",
            "there is no image wireyard/knot:dev",
        ),
        ("no such service: http9", "compose.yaml has no service http9"),
        ("write /var/lib/docker/tmp/x: no space left on device", "docker system prune"),
        ("\nsomething new\n\n", "docker: something new"),
        ("", "docker: failed without a word"),
    ],
)
def test_a_refusal_of_the_engine_says_what_to_do(said: str, told: str) -> None:
    error = complaint(said, "two-yards")
    assert isinstance(error, EngineError)
    assert told in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "dependency failed to start: container two-yards-tcp-echo-1 is unhealthy",
            "tcp-echo does not pass its health check; see `make logs ROLE=tcp-echo`",
        ),
        ("container two-yards-certs-1 exited (1)", "certs ended with status 1; see `make logs ROLE=certs`"),
        (
            'service "certs" didn\'t complete successfully: exit 3',
            "certs ended with status 3; see `make logs ROLE=certs`",
        ),
        (
            "application not healthy after 1m0s",
            "not every container became healthy in time; see `make status`",
        ),
    ],
)
def test_a_service_that_does_not_get_ready_is_named(said: str, told: str) -> None:
    error = complaint(said, "two-yards")
    assert isinstance(error, NotReadyError)
    assert str(error) == told


def test_a_status_that_was_expected_is_no_failure() -> None:
    docker = Docker(os.environ, "p")
    assert docker.run("sh", "-c", "echo killed; exit 137", ends=(0, 137)) == b"killed\n"
    with pytest.raises(EngineError):
        docker.run("sh", "-c", "exit 137")
