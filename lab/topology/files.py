"""From Compose files to the topology."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from lab import compose_file
from lab.topology.model import PROJECT, Network, Topology
from lab.topology.reader import Reader


def load(
    files: Sequence[Path] | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path = PROJECT,
) -> Topology:
    """Reads the yard from `files`, or as Compose would: from COMPOSE_FILE in the environment or `.env`.

    Raises LabError for an unreadable file and TopologyError naming file, service and field.
    """
    variables = compose_file.environment(directory, os.environ if environ is None else environ)
    chosen = tuple(files) if files else _compose_files(variables, directory)
    tree = compose_file.load(chosen, variables)
    source = "+".join(file.name for file in chosen)
    networks = {name: _network(name, body or {}) for name, body in (tree.get("networks") or {}).items()}
    services = {
        name: Reader(source, name, body).service(networks)
        for name, body in (tree.get("services") or {}).items()
    }
    name = variables.get("COMPOSE_PROJECT_NAME") or tree.get("name") or directory.name
    return Topology(str(name), services, networks, chosen)


def shipped(*overrides: Path) -> Topology:
    """The yard as it comes, with `overrides`: no `.env`, no variable and no swap. Raises as `load`."""
    return load([PROJECT / "compose.yaml", *overrides], environ={}, directory=Path("/nonexistent"))


def _compose_files(variables: Mapping[str, str], directory: Path) -> tuple[Path, ...]:
    chosen = variables.get("COMPOSE_FILE", "compose.yaml")
    return tuple(directory / name for name in chosen.split(variables.get("COMPOSE_PATH_SEPARATOR", ":")))


def _network(name: str, body: Mapping[str, Any]) -> Network:
    config = (body.get("ipam") or {}).get("config") or []
    return Network(name, tuple(ip_network(c["subnet"]) for c in config), bool(body.get("internal", False)))
