"""The life of a service as its supervisor sees it: exit status, time, and what it says on stderr."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

BASE = {"WIREYARD_ROLE": "sample", "WIREYARD_ADDRESS": "127.0.0.1", "WIREYARD_PORT": "0"}


@contextmanager
def started(**environment: str) -> Iterator[subprocess.Popen[str]]:
    """The sample service, killed at the end if it still runs."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("WIREYARD_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "services.kit.tests.sample"],
        env=known | BASE | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def port_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().removeprefix("ready ").strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("control", ["0", None])
def test_asked_to_stop_it_exits_0(number: signal.Signals, control: str | None) -> None:
    with started(**({"WIREYARD_CONTROL_PORT": control} if control else {})) as process:
        assert port_of(process)
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "stopped\n", "")


def test_what_is_in_flight_has_its_time_and_no_more() -> None:
    with started(WIREYARD_BUSY="60", WIREYARD_STOP_WITHIN="0.3", WIREYARD_CONTROL_PORT="0") as process:
        assert port_of(process)
        begun = time.monotonic()
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 0
    assert 0.3 <= time.monotonic() - begun < 5


@pytest.mark.parametrize("variable", ["WIREYARD_PORT", "WIREYARD_CONTROL_PORT"])
def test_a_taken_port_is_one_line_and_1(variable: str) -> None:
    with started() as first:
        port = port_of(first)
        with started(**{variable: port}) as second:
            _, err = second.communicate(timeout=10)
    assert second.returncode == 1
    assert err == f"cannot listen on 127.0.0.1 port {port}: Address already in use\n"


def test_a_wrong_setting_is_one_line_and_78() -> None:
    with started(WIREYARD_BUSY="soon") as process:
        _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (78, "WIREYARD_BUSY: 'soon' is not a number\n")
