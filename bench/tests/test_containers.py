"""What a server's container is told: where it runs, what it may, which image has the program."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import containers
from bench.errors import MissingImage, MissingProgram
from bench.model import Place


@pytest.fixture(autouse=True)
def tagged_dev(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in the checkout's .env."""
    monkeypatch.setenv("WIREYARD_TAG", "dev")


PLACE = Place(4321, "/scratch/place", "http1.wireyard.test")


def words(*argv: str) -> list[str]:
    folders = (Path("/project"), Path("/certs"))
    return containers.command(argv, {"WIREYARD_PORT": "4321"}, PLACE, folders, 1)[0]


def test_ours_run_from_the_image_of_the_services_by_its_own_python() -> None:
    argv = words(sys.executable, "-m", "services.dns.reference")
    assert argv[-4:] == ["python3", "wireyard/services:dev", "-m", "services.dns.reference"]
    assert "WIREYARD_PORT=4321" in argv


def test_others_run_from_the_image_of_the_peers() -> None:
    assert words("nginx", "-c", "file")[-4:] == ["nginx", "wireyard/peers:dev", "-c", "file"]
    assert "wireyard/peers:dev" in words(sys.executable, "-m", "granian", "peers.asgi:app")


def test_images_are_those_of_the_tag_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREYARD_TAG", "mine")
    assert "wireyard/peers:mine" in words("nginx")


def test_an_image_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = tmp_path / "docker"
    engine.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingImage, match="there is no image wireyard/nothing:dev"):
        containers.require("wireyard/nothing:dev")


def test_docker_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="docker is not installed"):
        containers.require("wireyard/nothing:dev")


def test_a_container_is_pinned_and_locked_down_and_reads_what_is_here() -> None:
    argv = words("nginx")
    assert argv[argv.index("--cpuset-cpus") + 1] == "1"
    assert argv[argv.index("--cap-drop") + 1] == "ALL"
    assert {"/project:/project:ro", "/certs:/certs:ro", "/scratch/place:/scratch/place"} <= set(argv)


def test_processes_are_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKEND", raising=False)
    assert not containers.in_containers()
    monkeypatch.setenv("BACKEND", "compose")
    assert containers.in_containers()
