"""The variables of another yard beside this one: its name, networks, ports and state folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab.errors import LabError
from lab.topology import PROJECT

# Between two yards' published ports; the yard's own lie within one hundred.
STEP = 100
MOST = 100
_PORT = re.compile(r"\$\{(WIREYARD_\w+_PORT):-(\d+)\}")


def variables(number: int) -> dict[str, str]:
    """What the environment (or `.env`) of yard `number` holds; 1 is the yard as shipped. Raises LabError."""
    if not 1 <= number <= MOST:
        raise LabError(f"{number}: yards are numbered from 1 to {MOST}")
    further = number - 1
    suffix = str(number) if further else ""
    names = {
        "COMPOSE_PROJECT_NAME": f"wireyard{suffix}",
        "WIREYARD_STATE": f".wireyard{suffix}",
        "WIREYARD_NET": f"10.{77 + further}",
        "WIREYARD_NET6": f"fd{0x77 + further:02x}",
    }
    return names | {name: str(port + STEP * further) for name, port in _ports()}


def _ports() -> Iterator[tuple[str, int]]:
    text = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
    return ((name, int(port)) for name, port in _PORT.findall(text))
