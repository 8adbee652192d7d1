"""What the compose backend asks of an engine, without one: a `docker` that writes down its words."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab import topology as topologies
from lab.backends import STOPS_WITHIN
from lab.backends.compose import Compose
from lab.state import StateDirectory
from lab.topology import PROJECT

_ECHOES = {"tcp_echo": "tcp-echo", "udp_echo": "udp-echo"}

# No container, no results: `docker` notes its words and ends; with an empty archive where tar is asked for,
# and with what the test says where containers are inspected.
DOCKER = """#!/bin/sh
echo "$*" >>"$ASKED"
case "$*" in
    *" tar "*) tar -c --files-from /dev/null ;;
    *" ps "*) echo one ;;
    inspect*) echo "$CONTAINERS" ;;
esac
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `docker` was asked, a line each."""
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    return tmp_path / "asked"


def _backend(folder: Path, files: Sequence[str] = (), **environ: str) -> Compose:
    yard = topologies.load([PROJECT / name for name in ("compose.yaml", *files)])
    return Compose(yard, StateDirectory(folder / "state"), {**os.environ, **environ})


@pytest.mark.parametrize(("patience", "told"), [("", "1.0"), ("3", "3.0")])
def test_the_suite_in_the_client_is_as_patient_as_the_runner(
    patience: str, told: str, asked: Path, tmp_path: Path
) -> None:
    _backend(tmp_path, WIREYARD_PATIENCE=patience).test(["tests"], renew=False)
    [suite] = [line for line in asked.read_text().splitlines() if "pytest" in line]
    assert f"--env WIREYARD_PATIENCE={told}" in suite


def test_an_image_that_two_services_run_is_built_once(asked: Path, tmp_path: Path) -> None:
    swaps = [f"services/{folder}/swaps/{role}.node.yaml" for folder, role in _ECHOES.items()]
    _backend(tmp_path, swaps).prepare(["tcp-echo", "udp-echo"])
    [build] = [line for line in asked.read_text().splitlines() if " build " in line]
    assert build.endswith(" build --quiet udp-echo")


def test_an_image_is_built_once_a_command_however_often_it_is_placed(asked: Path, tmp_path: Path) -> None:
    swaps = [f"services/{folder}/swaps/{role}.node.yaml" for folder, role in _ECHOES.items()]
    backend = _backend(tmp_path, swaps[:1])
    backend.prepare(["tcp-echo"])
    backend.on(_backend(tmp_path, swaps[1:]).topology).prepare(["udp-echo"])
    assert len([line for line in asked.read_text().splitlines() if " build " in line]) == 1


def test_a_swap_has_the_sources_of_now_whichever_service_builds_its_image(
    asked: Path, tmp_path: Path
) -> None:
    _backend(tmp_path, ["services/http/swaps/http1.hypercorn.yaml"]).prepare(["http1"])
    [build] = [line for line in asked.read_text().splitlines() if " build " in line]
    assert build.endswith(" build --quiet certs")


@pytest.mark.parametrize(("code", "after"), [(0, 3), (143, 40), (137, 60)])
def test_how_long_a_container_took_to_end_is_for_the_engine_to_say(
    code: int, after: int, asked: Path, tmp_path: Path
) -> None:
    """40 s later on a busy machine, without SIGKILL, is in time; with it, is not."""
    ended = (datetime.now(UTC) + timedelta(seconds=after)).isoformat().replace("+00:00", "123Z")
    labels = {"com.docker.compose.service": "dns"}
    told = {"Config": {"Labels": labels}, "State": {"ExitCode": code, "FinishedAt": ended}}
    took = _backend(tmp_path, CONTAINERS=json.dumps([told])).stop("dns")
    assert took <= after
    assert (took > STOPS_WITHIN) == (code == 137)
