"""The guided tour on a real yard, whole, on either backend: every scene goes as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lab.demo.scenes import SCENES
from lab.patience import SECOND
from lab.tests.site import Site, site_on

pytestmark = pytest.mark.timeout(300 * SECOND)


@pytest.fixture(params=["embedded", "compose"])
def yard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole yard, up."""
    made = site_on(request.param, tmp_path_factory.mktemp("project"), 43)
    up = made.lab("up")
    try:
        assert up.returncode == 0, up.stderr
        yield made
    finally:
        made.lab("down")


def test_every_scene_goes_as_it_is_told(yard: Site, subtests: pytest.Subtests) -> None:
    """Each line is one scene as a program reads it, with the real output of both sides."""
    played = yard.lab("demo", "--json")
    told = {scene["scene"]: scene for scene in map(json.loads, played.stdout.splitlines())}
    for name, scene in SCENES.items():
        with subtests.test(name):
            assert name in told, played.stderr
            assert [step["missing"] for step in told[name]["steps"]] == [[] for _ in scene.steps]
            assert told[name]["as_told"]
    assert played.returncode == 0
    assert yard.remembered() == "", "a scene's swap was not undone"
