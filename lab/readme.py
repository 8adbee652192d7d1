"""The parts of README.md that come from compose.yaml, between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lab import draw
from lab.backends.processes import staying
from lab.errors import LabError
from lab.topology import PROJECT, Service, Topology

README = PROJECT / "README.md"


def refreshed(text: str, topology: Topology) -> str:
    """`text` with every generated part written anew. Raises LabError when one has no place."""
    for name, write in _PARTS.items():
        pattern = re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->", re.DOTALL)
        if not pattern.search(text):
            raise LabError(f"README.md has no place for {name}: <!-- {name} --> … <!-- /{name} -->")
        before, after = pattern.split(text)[0], pattern.split(text)[-1]
        text = f"{before}<!-- {name} -->\n{write(topology)}<!-- /{name} -->{after}"
    return text


def _services(topology: Topology) -> str:
    rows = ["| role | authority | address | port | on the host | control |", "|---|---|---|---|---|---|"]
    rows += [_row(service) for service in staying(topology)]
    return "\n".join([*rows, ""])


def _row(service: Service) -> str:
    addresses = [a for place in service.attachments for a in (place.ipv4, place.ipv6) if a]
    contract = {name: port for name, port in service.ports.items() if name != "control"}
    numbers = [f"{p.number}/{p.transport}" for p in contract.values()]
    hidden = "wireyard.embedded" in service.labels
    hosts = [] if hidden else [str(p.host[1]) for p in contract.values() if p.host]
    control = service.ports.get("control")
    cells = [
        f"`{service.role}`",
        service.authority if addresses else "",
        ", ".join(addresses) or "no network",
        ", ".join(numbers),
        ", ".join(hosts) or "never",
        str(control.host[1]) if control and control.host else "",
    ]
    return "| " + " | ".join(cells) + " |"


def _diagram(topology: Topology) -> str:
    return f"```mermaid\n{draw.as_mermaid(topology)}```\n"


_PARTS: Mapping[str, Callable[[Topology], str]] = {"services": _services, "diagram": _diagram}
