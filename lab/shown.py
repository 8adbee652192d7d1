"""What the console is handed of the yard: who fills each role, the last suite run and the last matrix.

The console reads a folder and nothing else; the backend puts these files there, wherever it runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lab.backends.processes import listening
from lab.state import StateDirectory
from lab.table import on_the_host
from lab.topology import Topology

YARD, SUITE, MATRIX, PAGE = "yard.json", "suite.json", "matrix.json", "matrix.html"
LARGEST_PAGE = 8 * 1024 * 1024


def files(topology: Topology, state: StateDirectory, backend: str) -> Mapping[str, bytes]:
    """Name to content of every file that there is something to say in."""
    told: dict[str, bytes] = {YARD: _json(_yard(topology, backend))}
    for name, shortened in ((SUITE, _suite), (MATRIX, _matrix)):
        file = state.results / name
        if file.is_file():
            told[name] = _json(shortened(json.loads(file.read_text(encoding="utf-8"))))
    page = state.results / PAGE
    if page.is_file() and page.stat().st_size <= LARGEST_PAGE:
        told[PAGE] = page.read_bytes()
    return told


def _yard(topology: Topology, backend: str) -> dict[str, Any]:
    return {
        service.role: {
            "implementation": service.implementation,
            "host": on_the_host(service, backend),
            "journal": "control" in service.ports,
        }
        for service in listening(topology)
    }


def _suite(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "tests"}


def _matrix(told: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("role", "implementation", "counts", "finding")
    runs = [{name: run.get(name) for name in kept} for run in told["runs"]]
    return {"began": told["began"], "backend": told["backend"], "commit": told["commit"], "runs": runs}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
