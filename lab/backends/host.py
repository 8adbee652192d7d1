"""What runs on the host itself, beside the yard: the suite, and a shell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO

from lab.backends.processes import search_path
from lab.state import StateDirectory
from lab.topology import PROJECT, View


def client(environ: Mapping[str, str], state: StateDirectory, backend: str) -> dict[str, str]:
    """The environment of a client on the host: where it looks from, whom it trusts, what it may present."""
    return {
        **environ,
        "PATH": search_path(environ),
        "WIREYARD_VIEW": View.HOST.value,
        "WIREYARD_BACKEND": backend,
        "WIREYARD_CA": str(state.ca),
        "WIREYARD_CERTS": str(state.certs / "client"),
    }


def suite(
    arguments: Sequence[str],
    state: StateDirectory,
    environ: Mapping[str, str],
    report: str = "junit.xml",
    log: IO[bytes] | None = None,
) -> int:
    """Runs pytest with `arguments` as a client with `environ`; its exit status. The results hold `report`.

    What it prints goes to `log`, or to this terminal.
    """
    state.results.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junit-xml={state.results / report}", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=dict(environ), stdout=log, check=False).returncode
