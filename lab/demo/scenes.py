"""The scenes, read from `scenes.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from lab.demo.scene import Scene, Step

FILE = Path(__file__).with_name("scenes.toml")


def load(file: Path = FILE) -> Mapping[str, Scene]:
    """Every scene by name, in the order of the file."""
    tree = tomllib.loads(file.read_text(encoding="utf-8"))
    scenes = [
        Scene(one["name"], one["title"], one["story"], tuple(Step(**step) for step in one["step"]))
        for one in tree["scene"]
    ]
    return {scene.name: scene for scene in scenes}


SCENES = load()
