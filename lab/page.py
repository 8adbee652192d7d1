"""The topology as one HTML page that needs nothing beside itself: no network, no script, no other file."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lab import draw
from lab.topology import Topology

_FOLDER = Path(__file__).with_name("html")


def as_html(topology: Topology) -> str:
    """The picture, every service with its ports and declines, and the graph for other programs."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    sources = {
        "Mermaid": draw.as_mermaid(topology),
        "Graphviz": draw.as_dot(topology),
        "JSON": draw.as_json(topology),
    }
    return environment.get_template("topology.html").render(
        yard=topology,
        services=draw.drawn(topology),
        picture=Markup(draw.as_svg(topology)),  # noqa: S704 - ours, with every name escaped
        sources=sources,
    )
