"""Variables in Compose files: `$NAME`, `${NAME}` and its operators, `$$` for a dollar sign.

| written          | NAME is set and not empty | NAME is empty | NAME is unset |
|------------------|---------------------------|---------------|---------------|
| `${NAME:-word}`  | NAME                      | word          | word          |
| `${NAME-word}`   | NAME                      | empty         | word          |
| `${NAME:?word}`  | NAME                      | error: word   | error: word   |
| `${NAME?word}`   | NAME                      | empty         | error: word   |
| `${NAME:+word}`  | word                      | empty         | empty         |
| `${NAME+word}`   | word                      | word          | empty         |

A word may itself hold variables (Compose specification, "Interpolation").
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lab.errors import LabError

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)"
    r"|(?P<bare>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<empty>:)?(?P<operator>[-?+])(?P<word>(?:[^{}]|\{[^}]*\})*))?\}"
    r"|(?P<invalid>))",
    re.ASCII,
)


def interpolate(text: str, environ: Mapping[str, str]) -> str:
    """`text` with its variables replaced. Raises LabError for bad syntax and for what must be set."""
    return _VARIABLE.sub(lambda match: _replace(match, text, environ), text)


def _replace(match: re.Match[str], text: str, environ: Mapping[str, str]) -> str:
    if match["dollar"]:
        return "$"
    if match["bare"]:
        return environ.get(match["bare"], "")
    if match["name"]:
        return _braced(match, environ)
    raise LabError(f"{text!r}: a dollar sign that starts no variable is written $$")


def _braced(match: re.Match[str], environ: Mapping[str, str]) -> str:
    value = environ.get(match["name"])
    given = bool(value) if match["empty"] else value is not None
    word = interpolate(match["word"] or "", environ) if given == (match["operator"] == "+") else ""
    if match["operator"] == "+":
        return word
    if match["operator"] == "?" and not given:
        raise LabError(f"the variable {match['name']} must be set: {word}")
    return (value or "") if given else word
