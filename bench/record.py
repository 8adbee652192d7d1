"""The last recorded results in docs/: of plain processes and of containers, each as JSON and as a page.

The pages lead to one another, and README.md shows the headline of the processes'.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench.headline import refreshed
from bench.page import Beside, render

RECORDS: Mapping[str, str] = MappingProxyType({"processes": "bench", "containers": "bench-containers"})
"""What servers ran as, and the name of the files without their suffix."""
_HEADLINE = "processes"


def keep(found: Mapping[str, Any], project: Path) -> None:
    """Writes `found` in the place of the last of its kind, and anew all that is made of both."""
    docs = project / "docs"
    _as_json(docs / f"{RECORDS[found['servers']]}.json", found)
    kept = {servers: recorded(project, servers) for servers in RECORDS}
    beside = {servers: Beside(f"{RECORDS[servers]}.html", servers) for servers, told in kept.items() if told}
    for servers, told in kept.items():
        if told:
            others = [link for other, link in beside.items() if other != servers]
            _as_page(docs / f"{RECORDS[servers]}.html", told, others)
    if headline := kept[_HEADLINE]:
        readme = project / "README.md"
        readme.write_text(refreshed(readme.read_text(encoding="utf-8"), headline), encoding="utf-8")


def recorded(project: Path, servers: str = _HEADLINE) -> Mapping[str, Any] | None:
    """What was recorded last of `servers`, if anything was."""
    file = project / "docs" / f"{RECORDS[servers]}.json"
    if not file.is_file():
        return None
    told: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


def write(out: Path, found: Mapping[str, Any]) -> None:
    """The results as JSON, and the page made of it, which stands alone."""
    _as_json(out.with_suffix(".json"), found)
    _as_page(out.with_suffix(".html"), found, [])


def _as_json(file: Path, found: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _as_page(file: Path, found: Mapping[str, Any], beside: list[Beside]) -> None:
    file.write_text(render(found, beside), encoding="utf-8")
