"""lab/selection.py and lab/swap.py: which file fills a role, and what a file must not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import compose_file, swap, topology
from lab.errors import LabError, SwapError
from lab.overrides import RESET, for_target, write
from lab.selection import Catalogue, Selection
from lab.swap import Judgement, Wish


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a yard and two swaps of one role."""
    (tmp_path / "compose.yaml").write_text("services: {http1: {}, dns: {}}")
    folder = tmp_path / "services" / "http" / "swaps"
    folder.mkdir(parents=True)
    for name in ("http1.nginx", "http1.node"):
        (folder / f"{name}.yaml").write_text("services: {http1: {image: x}}")
    return tmp_path


def test_the_catalogue_knows_the_files_of_a_role(project: Path) -> None:
    assert set(Catalogue(project).implementations("http1")) == {"nginx", "node"}
    assert Catalogue(project).file("http1", "nginx") == "services/http/swaps/http1.nginx.yaml"
    with pytest.raises(SwapError, match=r"no 'squid' for http1; there are reference, nginx, node"):
        Catalogue(project).file("http1", "squid")


def test_a_selection_is_remembered_the_compose_way_and_leaves_no_trace_when_undone(project: Path) -> None:
    env = project / ".env"
    env.write_text("WIREYARD_NET=10.88\n")
    file = Catalogue(project).file("http1", "nginx")
    Selection.read({}, project).with_swap("http1", file).write()
    assert f"COMPOSE_FILE=compose.yaml:{file}" in env.read_text().splitlines()
    assert Selection.read({}, project).files == ("compose.yaml", file)
    Selection.read({}, project).with_swap("http1", None).write()
    assert env.read_text() == "WIREYARD_NET=10.88\n"


def test_one_implementation_replaces_another_of_its_role_and_no_other_file(project: Path) -> None:
    (project / "mine.yaml").write_text("services: {dns: {image: y}}")
    chosen = Selection(("compose.yaml", "mine.yaml", Catalogue(project).file("http1", "nginx")), project)
    after = chosen.with_swap("http1", Catalogue(project).file("http1", "node"))
    assert after.files == ("compose.yaml", "mine.yaml", "services/http/swaps/http1.node.yaml")


def test_compose_file_in_the_environment_is_an_error_that_says_what_to_do(project: Path) -> None:
    with pytest.raises(SwapError, match="unset it"):
        Selection.read({"COMPOSE_FILE": "other.yaml"}, project)


def test_a_generated_override_drops_what_compose_is_told_to_drop(tmp_path: Path) -> None:
    services = {"http1": {"image": "x", "command": RESET, "labels": {"wireyard.ports.control": RESET}}}
    file = write("http1", "mine", services, tmp_path)
    base = tmp_path / "compose.yaml"
    base.write_text("services: {http1: {command: [a], labels: {wireyard.ports.control: 1/tcp, kept: x}}}")
    assert compose_file.load([base, file], {}) == {
        "services": {"http1": {"image": "x", "labels": {"kept": "x"}}}
    }


def test_a_target_is_relayed_by_the_yards_own_image_whatever_is_in_place(tmp_path: Path) -> None:
    yard = topology.shipped()
    file = write("dns", "mine", for_target("dns", "mine", "127.0.0.1:5300", yard), tmp_path)
    new = topology.shipped(file)
    assert new.service("dns").command[-4:] == ("--via", "10.77.0.1:7753", "tcp", "udp")
    assert new.services["dns-target"].image == yard.service("dns").image
    assert "control" not in new.service("dns").ports


@pytest.mark.parametrize("text", ["http9=nginx", "http1", "http1="])
def test_a_wish_that_names_no_role_or_nothing_for_it_is_an_error(text: str) -> None:
    with pytest.raises(SwapError):
        Wish.parse(text)


def test_an_image_and_a_target_together_are_an_error() -> None:
    with pytest.raises(SwapError, match="at most one"):
        Wish.parse("http1=mine", image="x", target="127.0.0.1:1")


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("{dns: {labels: {wireyard.ports.main: 54/udp}}}", r"wireyard\.ports\.main: 54/udp is not .* 53/udp"),
        ("{dns: {labels: {wireyard.authority: other.test}}}", "keeps its role's port and authority"),
        ("{dns: {image: a}, http1: {image: b}}", "this one changes http1 too"),
        ("{http1: {image: b}}", "it is to fill dns, but speaks of http1"),
        ("{dns: {networks: {nowhere: {}}}}", "there is no network 'nowhere'"),
        ("{dns: {labels: {wireyard.declines.nonsense: x}}}", "role 'dns' has no feature 'nonsense'"),
    ],
)
def test_a_wrong_file_is_refused_before_anything_changes(
    override: str, complaint: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"services: {override}")
    with pytest.raises(LabError, match=complaint):
        swap.check(Wish("dns", "mine"), Selection(("compose.yaml", str(file)), topology.PROJECT), environ={})


def test_who_ignores_sigterm_is_not_judged() -> None:
    assert Judgement(ready=0.1, stopped=0.2).finding is None
    assert "within 5 s of SIGTERM" in str(Judgement(ready=0.1, stopped=6.1).finding)
