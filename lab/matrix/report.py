"""Writes the matrix: matrix.json, matrix.xml (JUnit), matrix.md and matrix.html; reads matrix.json back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.contract import Feature, Tier
from lab.matrix import junit, markdown, page
from lab.matrix.model import Matrix, Run, Test

JSON, LOGS = "matrix.json", "matrix"
SCHEMA = Path(__file__).with_name("schema.json")
VERSION = 2


def write(matrix: Matrix, folder: Path) -> list[Path]:
    """Writes every format to `folder`; the files."""
    told = as_json(matrix)
    texts = {
        JSON: json.dumps(told, ensure_ascii=False, indent=1),
        "matrix.xml": junit.render(matrix),
        "matrix.md": markdown.render(matrix),
        "matrix.html": page.render(matrix, told),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def beside_older(matrix: Matrix, folder: Path) -> Matrix:
    """The matrix with what an earlier one on the same backend holds beside it."""
    older = read(folder / JSON) if (folder / JSON).is_file() else matrix
    return matrix.over(older) if older.backend == matrix.backend else matrix


def as_json(matrix: Matrix) -> dict[str, Any]:
    """The matrix as `schema.json` describes it."""
    told = asdict(matrix)
    told["version"] = VERSION
    for run, source in zip(told["runs"], matrix.runs, strict=True):
        run["counts"] = dict(source.counts)
        run["log"] = f"{LOGS}/{source.log}" if source.log else ""
        run["tests"] = [_short(test) for test in run["tests"]]
    return told


def read(file: Path) -> Matrix:
    """The matrix that a matrix.json tells."""
    told = json.loads(file.read_text(encoding="utf-8"))
    known = {name: told[name] for name in ("began", "seconds", "backend", "commit")}
    features = {role: tuple(map(_feature, found)) for role, found in told["features"].items()}
    return Matrix(**known, features=features, runs=tuple(map(_run, told["runs"])))


def _short(test: Mapping[str, Any]) -> dict[str, Any]:
    """Without the texts that are empty, and what is false."""
    return {name: value for name, value in test.items() if value != "" and value is not False}


def _feature(told: Mapping[str, Any]) -> Feature:
    return Feature(**{**told, "roles": tuple(told["roles"]), "tier": Tier(told["tier"])})


def _run(told: Mapping[str, Any]) -> Run:
    known = {name: value for name, value in told.items() if name != "counts"}
    log, tests = told["log"].removeprefix(f"{LOGS}/"), tuple(map(Test.read, told["tests"]))
    return Run(**{**known, "log": log, "tests": tests})
