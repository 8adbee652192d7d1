"""The matrix as one HTML page that needs nothing beside itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lab.matrix.markdown import SYMBOLS
from lab.matrix.model import Matrix, Outcome, Test, worst

_FOLDER = Path(__file__).with_name("html")


def render(matrix: Matrix, told: Mapping[str, Any]) -> str:
    """The page; `told` is the matrix as JSON, which its dialogs read."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals |= {"cell": _cell, "Outcome": Outcome, "symbols": SYMBOLS}
    return environment.get_template("matrix.html").render(matrix=matrix, data=_embedded(told))


def _cell(tests: list[Test]) -> dict[str, Any]:
    outcome = worst(tests)
    had = [test for test in tests if test.outcome is outcome]
    return {
        "state": outcome.value if outcome else "none",
        "symbol": SYMBOLS[outcome],
        "share": f"{len(had)}/{len(tests)}" if tests else "",
        "known": bool(had) and all(test.known for test in had),
    }


def _embedded(told: Mapping[str, Any]) -> Markup:
    """JSON that cannot end the script element that holds it."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704
