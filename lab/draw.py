"""The topology as JSON, as a Mermaid or Graphviz graph, and as a picture that needs no program at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape

from lab.topology import Network, Service, Topology


def as_json(topology: Topology) -> str:
    """Everything a program may want to know: services, networks, ports, metadata."""
    tree = {
        "name": topology.name,
        "networks": {n.name: _network_facts(n) for n in topology.networks.values()},
        "services": {s.name: _service_facts(s) for s in topology.services.values()},
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _network_facts(network: Network) -> dict[str, object]:
    return {"subnets": [str(s) for s in network.subnets], "internal": network.internal}


def _service_facts(service: Service) -> dict[str, object]:
    return {
        "role": service.role,
        "implementation": service.implementation,
        "authority": service.authority,
        "image": service.image,
        "command": list(service.command),
        "networks": {a.network: [x for x in (a.ipv4, a.ipv6) if x] for a in service.attachments},
        "ports": {
            name: {
                "number": p.number,
                "transport": p.transport,
                "host": f"{p.host[0]}:{p.host[1]}" if p.host else None,
            }
            for name, p in service.ports.items()
        },
        "declines": dict(service.declines),
    }


def drawn(topology: Topology) -> list[Service]:
    """The services that stand on a network."""
    return [service for service in topology.services.values() if service.attachments]


def _caption(service: Service) -> list[str]:
    """What stands in a service's box: its name, its addresses, its ports."""
    addresses = [a.ipv4 for a in service.attachments if a.ipv4]
    ports = [f"{p.number}/{p.transport}" for name, p in service.ports.items() if name != "control"]
    return [service.name, *addresses, " ".join(ports)] if ports else [service.name, *addresses]


def as_mermaid(topology: Topology) -> str:
    """A flow chart for a Markdown page: networks as round nodes, services as boxes on them."""
    lines = ["flowchart LR"]
    for network in topology.networks.values():
        lines.append(f'  {network.name}(("{network.name}<br/>{"<br/>".join(map(str, network.subnets))}"))')
    for service in drawn(topology):
        lines.append(f'  {service.name}["{"<br/>".join(_caption(service))}"]')
    lines += [f"  {a} --- {b}" for a, b in _links(topology)]
    return "\n".join(lines) + "\n"


def as_dot(topology: Topology) -> str:
    """The same for Graphviz."""
    lines = [f'graph "{topology.name}" {{', "  rankdir=LR; node [shape=box, fontname=Helvetica];"]
    for network in topology.networks.values():
        label = "\\n".join([network.name, *map(str, network.subnets)])
        lines.append(f'  "{network.name}" [shape=ellipse, label="{label}"];')
    for service in drawn(topology):
        label = "\\n".join(_caption(service))
        lines.append(f'  "{service.name}" [label="{label}"];')
    lines += [f'  "{a}" -- "{b}";' for a, b in _links(topology)]
    return "\n".join([*lines, "}", ""])


def _links(topology: Topology) -> Iterator[tuple[str, str]]:
    """Network and service; the client first, so that it is drawn on its side."""
    for service in drawn(topology):
        for place in service.attachments:
            yield (service.name, place.network) if not service.ports else (place.network, service.name)


# Units of the picture are pixels: a box, the gap between two, the height of a line of text, a network's bar.
_BOX, _GAP, _LINE, _BAR, _MARGIN = 132, 14, 17, 34, 20
_BOX_HEIGHT = 5 * _LINE
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1b1f24}.name{font-weight:600}.box{fill:#fff;stroke:#57606a}"
    ".edge{fill:#ddf4ff;stroke:#0969da}.inner{fill:#fff8c5;stroke:#9a6700}.wire{stroke:#57606a;stroke-width:2}"
    "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.box{fill:#151b23;stroke:#9198a1}"
    ".edge{fill:#0c2d4d;stroke:#58a6ff}.inner{fill:#3d2e00;stroke:#d29922}.wire{stroke:#9198a1}}"
)


def as_svg(topology: Topology) -> str:
    """A picture: each network a bar, each service a box hanging from the bars that it stands on."""
    bars = list(topology.networks)
    order = sorted(drawn(topology), key=lambda s: [bars.index(a.network) for a in s.attachments][::-1])
    width = 2 * _MARGIN + len(order) * (_BOX + _GAP) - _GAP
    levels = {name: _MARGIN + index * (_BAR + _BOX_HEIGHT + 3 * _MARGIN) for index, name in enumerate(bars)}
    height = max(levels.values()) + _BAR + _MARGIN + _BOX_HEIGHT + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
        f"<title>{escape(topology.name)}</title><style>{_STYLE}</style>",
    ]
    for index, service in enumerate(order):
        parts += _svg_service(service, _MARGIN + index * (_BOX + _GAP), levels)
    parts += [_svg_network(topology.networks[name], levels[name], width) for name in bars]
    return "\n".join([*parts, "</svg>", ""])


def _svg_network(network: Network, top: int, width: int) -> str:
    label = f"{network.name}   {'   '.join(map(str, network.subnets))}"
    kind = "inner" if network.internal else "edge"
    bar = (
        f'<rect class="{kind}" x="{_MARGIN}" y="{top}" width="{width - 2 * _MARGIN}" height="{_BAR}" rx="6"/>'
    )
    return f'{bar}<text class="name" x="{_MARGIN + 12}" y="{top + 22}">{escape(label)}</text>'


def _svg_service(service: Service, left: int, levels: dict[str, int]) -> Iterator[str]:
    tops = [levels[place.network] for place in service.attachments]
    box = min(tops) + _BAR + _MARGIN
    centre = left + _BOX // 2
    for top in tops:
        end = box if top < box else top
        yield f'<line class="wire" x1="{centre}" y1="{min(top + _BAR, end)}" x2="{centre}" y2="{end}"/>'
        if top > box:
            yield f'<line class="wire" x1="{centre}" y1="{box + _BOX_HEIGHT}" x2="{centre}" y2="{top}"/>'
    yield f'<rect class="box" x="{left}" y="{box}" width="{_BOX}" height="{_BOX_HEIGHT}" rx="6"/>'
    for row, text in enumerate(_caption(service)):
        kind = ' class="name"' if row == 0 else ""
        place = f'x="{centre}" y="{box + _LINE * (row + 1)}" text-anchor="middle"'
        yield f"<text{kind} {place}>{escape(text)}</text>"
