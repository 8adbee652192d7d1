"""Another Compose project takes the whole yard in with `include`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from lab.topology import PROJECT, ROLES

PARENT = """
name: mine
include: [{yard}]
services:
  app: {{image: example/app, networks: [edge]}}
"""


def test_a_project_that_includes_the_yard_has_all_of_it(tmp_path: Path) -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the compose plugin is not installed")
    (tmp_path / "compose.yaml").write_text(PARENT.format(yard=PROJECT / "compose.yaml"))
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = ["docker", "compose", "config", "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, env=environ)
    tree = json.loads(done.stdout)
    assert {"app", *ROLES} <= set(tree["services"])
    assert tree["services"]["certs"]["build"]["context"] == str(PROJECT)
    assert set(tree["services"]["app"]["networks"]) == {"edge"}
