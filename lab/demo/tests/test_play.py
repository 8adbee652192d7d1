"""A scene is only as told when everything it promises was seen, in order, on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import pytest

from lab.demo.play import Player
from lab.demo.scene import Performance, Scene, Step
from lab.demo.scenes import SCENES
from lab.errors import LabError
from lab.topology import shipped

ROLE = SimpleNamespace(address="127.0.0.1", port=7, authority="x.wireyard.test")


class Rehearsal:
    """A stage that says what it was asked."""

    def run(self, words: Sequence[str]) -> str:
        return "first line\nsecond line " + " ".join(words)

    def swap(self, role: str, implementation: str) -> str:
        return f"swapped {role} {implementation}"

    def kill(self, role: str) -> str:
        return f"killed {role}"


class Heard:
    """A journal that holds these events from the start."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def last(self) -> int:
        return 0

    def since(self, _number: int, _wanted: Sequence[str]) -> tuple[Mapping[str, object], ...]:
        return tuple({"event": name, "t": 1.0, "data": {}} for name in self._names)


def play(step: Step, *heard: str) -> Performance:
    return Player(Rehearsal(), {"x": ROLE}, {"x": Heard(*heard)}).play(Scene("s", "S", "story", (step,)))


def test_the_placeholders_of_a_command_are_filled() -> None:
    [step] = play(Step("connect {x.address} {x.port} 'two words'", "")).steps
    assert step.command == "connect 127.0.0.1 7 'two words'"
    assert step.output.endswith("connect 127.0.0.1 7 two words")


@pytest.mark.parametrize(
    ("shows", "missing"),
    [(("first", "second"), []), (("second", "first"), ["first"]), (("third",), ["third"])],
)
def test_what_a_step_shows_must_stand_in_its_output_in_order(
    shows: Sequence[str], missing: list[str]
) -> None:
    performance = play(Step("run", "", shows=shows))
    assert (performance.as_told, list(performance.steps[0].missing)) == (not missing, missing)


@pytest.mark.parametrize(
    ("heard", "missing"),
    [(("a", "x", "b"), []), (("b", "a"), ["event b"]), ((), ["event a", "event b"])],
)
def test_the_witness_must_have_heard_the_events_in_order(heard: Sequence[str], missing: list[str]) -> None:
    performance = play(Step("run", "", witness="x", events=("a", "b")), *heard)
    assert (performance.as_told, list(performance.steps[0].missing)) == (not missing, missing)


def test_what_the_lab_itself_does_is_not_run_as_a_command() -> None:
    assert play(Step("make swap http1=nginx", "")).steps[0].output == "swapped http1 nginx"
    assert play(Step("make kill ROLE=dns", "")).steps[0].output == "killed dns"


def test_another_make_target_is_refused() -> None:
    with pytest.raises(LabError, match="cannot play"):
        play(Step("make down now=1", ""))


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_names_only_roles_of_the_yard(name: str) -> None:
    roles = {service.role.replace("-", "_"): ROLE for service in shipped().services.values()}
    for step in SCENES[name].steps:
        assert step.command.format(ca="ca.pem", **roles)
        assert step.notice
        assert step.witness is None or step.witness.replace("-", "_") in roles
