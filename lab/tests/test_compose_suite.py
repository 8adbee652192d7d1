"""How the suite is run inside the client, without an engine: a `docker` that writes down what it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import topology as topologies
from lab.backends.compose import Compose
from lab.state import StateDirectory

# No container, no results: `docker` notes its words and ends, with an empty archive where tar is asked for.
DOCKER = '#!/bin/sh\necho "$*" >>"$ASKED"\ncase "$*" in *" tar "*) tar -c --files-from /dev/null ;; esac\n'


@pytest.mark.parametrize(("patience", "told"), [("", "1.0"), ("3", "3.0")])
def test_the_suite_in_the_client_is_as_patient_as_the_runner(
    patience: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "ASKED": str(tmp_path / "asked")}
    backend = Compose(
        topologies.load(),
        StateDirectory(tmp_path / "state"),
        environ | ({"WIREYARD_PATIENCE": patience} if patience else {}),
    )
    backend.test(["tests"], renew=False)
    asked = (tmp_path / "asked").read_text().splitlines()
    [suite] = [line for line in asked if "pytest" in line]
    assert f"--env WIREYARD_PATIENCE={told}" in suite
